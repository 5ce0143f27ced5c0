import { isRefusal } from '../../refusal/index.ts'
import type { SamlRelyingParty } from '../../relying-party/index.ts'
import { acsOf, excludedBy, readLogin, type AuthnRequest } from '../../saml/index.ts'
import { judged, note, told, type Finding } from './finding.ts'

/** Each rule alone: the others see a request that says nothing of theirs. */
export function loginFindings(message: AuthnRequest, party: SamlRelyingParty): readonly Finding[] {
  const silent: AuthnRequest = {
    ...message,
    spType: undefined,
    protocolBinding: undefined,
    requestedAttributes: [],
    nameIdFormat: undefined,
    spNameQualifier: undefined,
    classRefs: undefined,
  }
  const fault = (said: Partial<AuthnRequest>) => {
    const read = readLogin({ ...silent, ...said }, party)
    return isRefusal(read) ? read : undefined
  }
  const { spType, protocolBinding, requestedAttributes, nameIdFormat, spNameQualifier, classRefs, comparison } = message
  const acs = acsOf(message, party)
  return [
    judged('returnAddress', isRefusal(acs) ? acs : undefined, { address: isRefusal(acs) ? '' : acs }),
    told('spType', fault({ spType }), { spType }),
    told('binding', fault({ protocolBinding }), { binding: protocolBinding }),
    told('attributes', fault({ requestedAttributes }), { count: requestedAttributes.length || undefined }),
    told('nameId', fault({ nameIdFormat, spNameQualifier }), { format: nameIdFormat }),
    told('level', fault({ classRefs, comparison }), {
      level: classRefs?.join(' '),
      comparison,
      least: party.leastLevel,
    }),
    methodsFinding(message, party),
  ]
}

function methodsFinding(message: AuthnRequest, { saml }: SamlRelyingParty): Finding {
  const { requestedAttributes, forceAuthn, isPassive } = message
  const names = saml.face === 'clave' ? requestedAttributes.map(({ name }) => name) : []
  const off = [...new Set(excludedBy(names))].join(', ')
  const said = { force: String(forceAuthn), passive: String(isPassive) }
  return off === '' ? note('methods', 'none', said) : note('methods', 'note', { off, ...said })
}
