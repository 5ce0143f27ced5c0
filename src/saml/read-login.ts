import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import type { SamlRelyingParty } from '../relying-party/index.ts'
import { excludedBy, relayStateAttribute } from './exclusions.ts'
import { levelsFor } from './levels.ts'
import type { AuthnRequest } from './messages.ts'
import { bindings, nameIdFormats } from './names.ts'
import { shown, splitProviderName } from './sender.ts'
import type { LoginAsked } from './transaction.ts'

/** What of a request is the login's, judged by our rules; its sender, address and time were judged before. */
export function readLogin(message: AuthnRequest, party: SamlRelyingParty): LoginAsked | Refusal {
  const { face } = party.saml
  const nameIdFormat = nameIdFormatOf(message, party)
  const asked = levelsFor({ face, classRefs: message.classRefs, comparison: message.comparison }, party.leastLevel)
  const wrong = [spTypeFault(message), bindingFault(message), attributesFault(message), nameIdFormat, asked].find(
    isRefusal,
  )
  if (wrong || isRefusal(nameIdFormat) || isRefusal(asked)) return wrong as Refusal
  const names = face === 'clave' ? message.requestedAttributes.map(({ name }) => name) : []
  const echo = face === 'clave' ? echoOf(message) : undefined
  const application = face === 'clave' ? splitProviderName(message.providerName ?? '').application : undefined
  return {
    face,
    nameIdFormat,
    ...(echo === undefined ? {} : { echo }),
    request: {
      relyingParty: party.id,
      ...(application === undefined ? {} : { application: shown(application) }),
      asked,
      excluded: excludedBy(names),
      force: message.forceAuthn,
      passive: message.isPassive,
    },
  }
}

function spTypeFault({ spType }: AuthnRequest): Refusal | undefined {
  if (spType === undefined || spType === 'public' || spType === 'private') return undefined
  return refusal('SAML-16-sp-type', { reason: `SPType is "${shown(spType)}".` })
}

/** Answers go by POST only: an assertion does not fit into an address, and there is no artifact service. */
function bindingFault({ protocolBinding }: AuthnRequest): Refusal | undefined {
  if (protocolBinding === undefined || protocolBinding === bindings.post) return undefined
  return refusal('SAML-09-not-allowed', {
    reason: `ProtocolBinding is "${shown(protocolBinding)}"; answers go by ${bindings.post}.`,
  })
}

/** The switches may be named twice, since their presence says it all; a value may not. */
function attributesFault({ requestedAttributes }: AuthnRequest): Refusal | undefined {
  const values = requestedAttributes.filter(({ name }) => name === relayStateAttribute).flatMap(({ values }) => values)
  if (values.length <= 1) return undefined
  return refusal('SAML-12-attributes', { reason: `RelayState has ${values.length} values; it may have one.` })
}

const echoOf = ({ requestedAttributes }: AuthnRequest): string | undefined =>
  requestedAttributes.find(({ name, values }) => name === relayStateAttribute && values.length > 0)?.values[0]

/** The answer uses the format asked; persistent where none is (clave-saml-profile, 3 and 9). */
function nameIdFormatOf(
  { nameIdFormat, spNameQualifier, issuer }: AuthnRequest,
  { saml: { name, aliases } }: SamlRelyingParty,
): string | Refusal {
  if (spNameQualifier !== undefined && ![issuer, name, ...aliases].includes(spNameQualifier))
    return refusal('SAML-15-name-id-format', { reason: 'SPNameQualifier names another provider.' })
  if (nameIdFormat === undefined) return nameIdFormats.persistent
  const known = Object.values<string>(nameIdFormats)
  if (known.includes(nameIdFormat)) return nameIdFormat
  return refusal('SAML-15-name-id-format', {
    reason: `"${shown(nameIdFormat)}" is not one of ${known.join(', ')}.`,
  })
}
