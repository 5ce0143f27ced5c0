import { X509Certificate } from 'node:crypto'
import { attributeOf, isXmlFault, openSigned, type XmlElement } from '../../platform/index.ts'
import { isRefusal, refusals, type RefusalCode } from '../../refusal/index.ts'
import { matchesAddress, type SamlRelyingParty } from '../../relying-party/index.ts'
import { examineRequest } from './examine-request.ts'
import type { Examination, ExaminerParts } from './examination.ts'
import { samlPartsOf } from './rehearsal.ts'
import { childOf } from './tree.ts'
import { findSender, inboundLimits } from '../../saml/index.ts'
import { bad, good, note, told, type Finding } from './finding.ts'
import type { Pasted } from './paste.ts'
import { missingAttributes, toldAttributes } from './told-attributes.ts'

type Judged = Pick<Examination, 'attributes' | 'findings'>

/** An answer of ours as the agency has to check it, or the LogoutResponse of an agency as we do. */
export async function examineResponse(parts: ExaminerParts, pasted: Pasted, root: XmlElement): Promise<Judged> {
  const issuer = childOf(root, 'Issuer')?.text.trim() ?? ''
  if (root.name === 'LogoutResponse' && (await isTheirs(parts, root, issuer)))
    return { findings: [...(await examineRequest(parts, pasted, root, 'LogoutResponse')), statusFinding(root)] }
  const to = await recipientOf(parts, attributeOf(root, 'Destination'))
  const head = [
    shapeFinding(root),
    await ourSignature(parts, pasted),
    issuerFinding(parts, issuer, to),
    destinationFinding(root, to),
    statusFinding(root),
  ]
  if (root.name === 'LogoutResponse') return { findings: head }
  const { findings, attributes } = assertionFindings(parts, root, to)
  return { findings: [...head, ...findings], ...(attributes ? { attributes } : {}) }
}

async function isTheirs(parts: ExaminerParts, root: XmlElement, issuer: string): Promise<boolean> {
  if (issuer === parts.issuer) return false
  if (attributeOf(root, 'Destination')?.startsWith(`${parts.issuer}/`)) return true
  return !isRefusal(await findSender(samlPartsOf(parts), 'standard', { issuer }))
}

/** Whose return address it is. */
async function recipientOf(
  { relyingParties }: ExaminerParts,
  destination: string | undefined,
): Promise<SamlRelyingParty | undefined> {
  if (destination === undefined) return undefined
  const all = (await relyingParties.list()).filter((one): one is SamlRelyingParty => one.saml !== undefined)
  return all.find(({ saml }) => {
    const { slo } = saml
    const addresses = [...saml.acs.map(({ url }) => url), ...saml.logout, slo?.url ?? '', slo?.responseUrl ?? '']
    return addresses.some((address) => matchesAddress(address, destination))
  })
}

function shapeFinding(root: XmlElement): Finding {
  const children = root.children.map(({ name }) => name).join(' ')
  const right =
    root.name === 'Response'
      ? /^Issuer (Signature )?(Extensions )?Status( (Assertion|EncryptedAssertion))?$/
      : /^Issuer (Signature )?(Extensions )?Status$/
  if (attributeOf(root, 'Version') !== '2.0') return bad('schema', 'Version is not 2.0.')
  return right.test(children)
    ? good('schema')
    : bad('schema', `The elements are ${children}; expected Issuer, Signature, Status and at most one assertion.`)
}

async function ourSignature({ ourCertificates, clock }: ExaminerParts, { xml, query }: Pasted): Promise<Finding> {
  if (query !== undefined) return note('signature', 'query')
  const opened = openSigned(xml, inboundLimits)
  if (isXmlFault(opened)) return bad('signature', opened.reason)
  const certificates = (await ourCertificates()).map((text) => new X509Certificate(pemOf(text)))
  const keys = certificates
    .filter(({ validToDate }) => validToDate > clock.wire())
    .map(({ publicKey, fingerprint256 }) => ({ key: publicKey, fingerprint: fingerprint256 }))
  const verified = opened.verify(keys)
  return isXmlFault(verified) ? bad('signature', verified.reason) : good('signature', {}, 'ours')
}

const pemOf = (text: string): string =>
  text.includes('BEGIN') ? text : `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`

function issuerFinding({ issuer: ours }: ExaminerParts, issuer: string, to: SamlRelyingParty | undefined): Finding {
  if (issuer === ours || issuer === to?.saml.logoutIssuer) return good('issuer', { issuer })
  return bad('issuer', `Issuer is "${issuer}"; this identity provider is "${ours}".`)
}

function destinationFinding(root: XmlElement, to: SamlRelyingParty | undefined): Finding {
  const destination = attributeOf(root, 'Destination')
  if (!to) return bad('destination', `Destination "${destination ?? ''}" is no registered return address.`)
  return good('destination', { address: `${destination} (${to.name})` })
}

const word = (uri: string | undefined): string => (uri ?? '').split(':').at(-1) ?? ''

/** What was answered; an error is not a fault of the message, so it is noted with the row of the catalogue that it is. */
function statusFinding(root: XmlElement): Finding {
  const status = childOf(root, 'Status')
  const code = childOf(status, 'StatusCode')
  const message = childOf(status, 'StatusMessage')?.text
  const [top, sub] = [code, childOf(code, 'StatusCode')].map((one) => word(one && attributeOf(one, 'Value')))
  if (top === 'Success') return good('status', {})
  const row = rowOf(sub, message)
  // The text goes on behind it with a full stop of its own.
  const said = [top, sub, message].filter(Boolean).join(', ').replace(/\.$/, '')
  return {
    ...(said === '' ? note('status', 'none') : note('status', 'note', { said })),
    ...(row ? { code: row[0], reason: row[1].remedy } : {}),
  }
}

type Row = readonly [RefusalCode, (typeof refusals)[RefusalCode]]

/** What was found may stand behind the row's message; of rows that begin alike it is the longest. */
function rowOf(sub: string | undefined, message: string | undefined): Row | undefined {
  const rows = (Object.entries(refusals) as [RefusalCode, Row[1]][]).filter(
    ([, { saml }]) => saml.sub === sub && (message === saml.message || message?.startsWith(`${saml.message}: `)),
  )
  return rows.toSorted(([, one], [, other]) => other.saml.message.length - one.saml.message.length)[0]
}

function assertionFindings({ clock }: ExaminerParts, root: XmlElement, to: SamlRelyingParty | undefined): Judged {
  if (childOf(root, 'EncryptedAssertion')) return { findings: [note('assertion', 'encrypted')] }
  const assertion = childOf(root, 'Assertion')
  if (!assertion) return { findings: [note('assertion', 'none')] }
  const gateway = to ? to.saml.face === 'clave' : true
  const attributes = toldAttributes(assertion, gateway)
  const faults = attributes.flatMap(({ friendlyName, fault }) => (fault ? [`${friendlyName}: ${fault}`] : []))
  const missing = gateway ? missingAttributes(attributes).map((name) => `${name} is missing`) : []
  const wrong = [...faults, ...missing]
  const context = childOf(childOf(assertion, 'AuthnStatement'), 'AuthnContext')
  const level = childOf(context, 'AuthnContextClassRef')?.text.trim() ?? ''
  return {
    attributes,
    findings: [
      audienceFinding(root, assertion, to),
      windowFinding(assertion, clock.wire()),
      /^http:\/\/eidas\.europa\.eu\/LoA\/(low|substantial|high)$/.test(level)
        ? good('level', { level }, 'reached')
        : bad('level', `AuthnContextClassRef is "${level}", which is no level of eIDAS.`),
      wrong.length > 0
        ? bad('attributes', `${wrong.join('; ')}.`)
        : told('attributes', undefined, { count: attributes.length || undefined }),
    ],
  }
}

function audienceFinding(root: XmlElement, assertion: XmlElement, to: SamlRelyingParty | undefined): Finding {
  const restriction = childOf(childOf(assertion, 'Conditions'), 'AudienceRestriction')
  const audience = childOf(restriction, 'Audience')?.text.trim() ?? ''
  const expected = to?.saml.face === 'standard' ? to.saml.name : attributeOf(root, 'Destination')
  return audience === expected
    ? good('audience', { audience })
    : bad('audience', `Audience is "${audience}"; expected "${expected ?? ''}".`)
}

function windowFinding(assertion: XmlElement, now: Date): Finding {
  const conditions = childOf(assertion, 'Conditions')
  const [from, until] = ['NotBefore', 'NotOnOrAfter'].map((name) => conditions && attributeOf(conditions, name))
  if (until !== undefined && Date.parse(until) <= now.getTime()) return bad('time', `It held until ${until}.`)
  if (from !== undefined && Date.parse(from) > now.getTime() + 60_000) return bad('time', `It holds from ${from} on.`)
  return until === undefined ? good('time', {}, 'endless') : good('time', { at: until }, 'window')
}
