import { inflateRawSync } from 'node:zlib'
import { IdentityProvider, SamlLib, ServiceProvider } from 'samlify'
import type { SamlDemoAgency } from './agency.ts'
import { attributesOf, elementsOf, rootOf } from './saml-reading.ts'
import type { SamlKeys } from './saml-keys.ts'

/** Cl@ve as the agency knows it: where to send messages, and whose signature to believe. */
export interface Peer {
  readonly entityId: string
  readonly sso: string
  readonly slo: string
  readonly certificates: readonly string[]
}

/** A message whose signature was verified, with all of its root. */
export interface VerifiedMessage {
  readonly xml: string
  /** The verified assertion, decrypted where it was encrypted; none in an error or a logout. */
  readonly assertion: string | undefined
  readonly encrypted: boolean
}

export interface PeerParts {
  readonly agency: SamlDemoAgency
  readonly issuer: string
  readonly keys: SamlKeys
}

export interface SamlPeer {
  known(): Promise<Peer>
  /** A message of a form; throws with the reason where it is not to be believed. */
  verify(message: string): Promise<VerifiedMessage>
  /** A message of an address (HTTP-Redirect) with its raw query. */
  verifyRedirect(query: string): Promise<VerifiedMessage>
}

/**
 * samlify's parts, put together here: its own `parseLoginResponse` looks at the status before the signature and tells no
 * StatusMessage, and takes for signed what stands beside a genuine signature, not only under it. So: the one signature of
 * the root must be over the root, and values are read from what it covers.
 */
export function makeSamlPeer({ agency, issuer, keys }: PeerParts): SamlPeer {
  let found: Promise<Peer> | undefined
  const fetched = () => (found = agency.face === 'clave' ? gatewayPeer(issuer) : standardPeer(issuer))
  // Asked for at the first login, not at start; after a failure anew.
  const known = async () => {
    try {
      return await (found ?? fetched())
    } catch (error) {
      found = undefined
      throw error
    }
  }
  // Certificates roll over: whatever does not verify is looked at once more with those that are published now.
  const twice = async <Result>(attempt: (peer: Peer) => Result | Promise<Result>): Promise<Result> => {
    try {
      return await attempt(await known())
    } catch {
      return await attempt(await fetched())
    }
  }
  const reader = ServiceProvider({
    entityID: issuer,
    assertionConsumerService: [{ Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', Location: issuer }],
    encPrivateKey: keys.privateKey,
  })
  return {
    known,
    verify: (message) => {
      const xml = readable(Buffer.from(message, 'base64').toString('utf8'))
      return twice((peer) => verifiedBy(peer, xml, reader))
    },
    verifyRedirect: (query) => twice((peer) => verifiedAddress(peer, query)),
  }
}

const post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'

/** The real gateway publishes no metadata: its addresses are configuration, its certificates are polled. */
async function gatewayPeer(issuer: string): Promise<Peer> {
  const xml = await fetchedText(`${issuer}/Proxy2/Certificates`)
  const certificates = [...xml.matchAll(/X509Certificate>([^<]+)</g)].map(([, text = '']) => text.replace(/\s/g, ''))
  const door = `${issuer}/Proxy2/ServiceProvider`
  return { entityId: issuer, sso: door, slo: door, certificates }
}

async function standardPeer(issuer: string): Promise<Peer> {
  const { entityMeta } = IdentityProvider({ metadata: await fetchedText(`${issuer}/saml/metadata`) })
  if (entityMeta.getEntityID() !== issuer) throw new Error(`the metadata are those of ${entityMeta.getEntityID()}`)
  return {
    entityId: issuer,
    sso: addressIn(entityMeta.getSingleSignOnService('redirect')),
    slo: addressIn(entityMeta.getSingleLogoutService('redirect')),
    certificates: [entityMeta.getX509Certificate('signing') ?? []].flat(),
  }
}

/** The library answers with all of them where it does not find the one. */
function addressIn(found: unknown): string {
  if (typeof found !== 'string') throw new Error('the metadata name no address for HTTP-Redirect')
  return found
}

async function fetchedText(address: string): Promise<string> {
  const answer = await fetch(address)
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}`)
  return answer.text()
}

/** What could hold two readings is no message: document types, comments, CDATA. */
function readable(xml: string): string {
  if (/<[!?](?!xml )/.test(xml)) throw new Error('the message holds more than elements and text')
  return xml
}

/** samlify asks for metadata of one certificate: with two, its check of redirects fails. */
const trusting = ({ entityId, sso, slo }: Peer, certificate: string) =>
  IdentityProvider({
    entityID: entityId,
    signingCert: certificate,
    singleSignOnService: [{ Binding: post, Location: sso }],
    singleLogoutService: [{ Binding: post, Location: slo }],
  }).entityMeta

async function verifiedBy(
  peer: Peer,
  xml: string,
  reader: ReturnType<typeof ServiceProvider>,
): Promise<VerifiedMessage> {
  signedAsAWhole(xml)
  const content = signedContent(peer, xml)
  const encrypted = content !== undefined && rootOf(content) === 'Response'
  const assertion = encrypted ? (await SamlLib.decryptAssertion(reader, content))[1] : content
  return { xml, assertion, encrypted }
}

/** The one signature of the root is over the root, and with nothing that is broken. */
function signedAsAWhole(xml: string): void {
  const root = rootOf(xml)
  const [{ id } = {}] = attributesOf(xml, [root], ['ID', 'Version'])
  const signatures = elementsOf(xml, [root, 'Signature'])
  const references = attributesOf(xml, [root, 'Signature', 'SignedInfo', 'Reference'], ['URI', 'Id'])
  if (signatures.length !== 1 || references.length !== 1) throw new Error('the message is not signed once')
  if (references[0]!.uri !== `#${id}`) throw new Error('the signature is over another element')
  if (/Algorithm="[^"]*sha1"/.test(signatures[0]!)) throw new Error('the signature uses SHA-1')
}

/** The content that some certificate of the peer's verifies; undefined where the message holds no assertion. */
function signedContent(peer: Peer, xml: string): string | undefined {
  for (const certificate of peer.certificates) {
    try {
      const [verified, content] = SamlLib.verifySignature(xml, { metadata: trusting(peer, certificate) })
      if (verified) return content ?? undefined
    } catch {
      // Signed with another of the peer's keys, or wrongly: the next certificate tells.
    }
  }
  throw new Error('no certificate of the identity provider verifies the signature')
}

/** Checks the assertion's own signature, which the standard face has beside the message's. */
export function assertionSigned(peer: Peer, assertion: string): boolean {
  const alone = `<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol">${assertion}</saml2p:Response>`
  try {
    return signedContent(peer, alone) !== undefined
  } catch {
    return false
  }
}

/** The signature of HTTP-Redirect is over the query as it came (SAML 2.0 bindings, 3.4.4.1). */
function verifiedAddress(peer: Peer, query: string): VerifiedMessage {
  const raw = new Map(query.split('&').map((pair) => [pair.slice(0, pair.indexOf('=')), pair]))
  const value = (name: string) =>
    decodeURIComponent((raw.get(name) ?? '').slice(name.length + 1).replaceAll('+', '%20'))
  const name = raw.has('SAMLRequest') ? 'SAMLRequest' : 'SAMLResponse'
  const octets = [name, 'RelayState', 'SigAlg'].flatMap((one) => raw.get(one) ?? []).join('&')
  if (/sha1$/.test(value('SigAlg'))) throw new Error('the signature uses SHA-1')
  const signature = Buffer.from(value('Signature'), 'base64')
  const verified = peer.certificates.some((certificate) =>
    SamlLib.verifyMessageSignature(trusting(peer, certificate), octets, signature, value('SigAlg')),
  )
  if (!verified) throw new Error('no certificate of the identity provider verifies the signature')
  const deflated = Buffer.from(value(name), 'base64')
  const xml = readable(inflateRawSync(deflated, { maxOutputLength: 262_144 }).toString('utf8'))
  return { xml, assertion: undefined, encrypted: false }
}
