import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { IdentityProvider, SamlLib, ServiceProvider } from 'samlify'
import { selfSignedCertificate, systemClock, systemRandom, type SamlKey } from '../src/platform/index.ts'
import { claveAttributes, standardAttributes, type Person } from '../src/saml/attributes.ts'
import { successResponse, type Encrypting, type SuccessAnswer } from '../src/saml/response.ts'
import { median } from './load.ts'
import type { Row } from './main.ts'

const rounds = 3
/** Milliseconds. The contenders take turns in slices, so that what else the machine does strikes all alike. */
const slice = 250
const turnsInRound = 10

const post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'
const issuer = 'https://clave.example'
const acs = 'https://agency.example/acs'

/** What differs from one answer to the next. */
interface Facts {
  readonly id: string
  readonly assertionId: string
  readonly inResponseTo: string
  readonly nameId: string
  readonly sessionIndex: string
  readonly given: string
  readonly firstSurname: string
  readonly secondSurname: string
  readonly at: Date
}

const newFacts = (): Facts => ({
  id: newId(),
  assertionId: newId(),
  inResponseTo: '_request',
  nameId: '99999999R',
  sessionIndex: newId(),
  given: 'CARMEN',
  firstSurname: 'PRUEBA',
  secondSurname: 'FICTICIA',
  at: systemClock.wire(),
})
const newId = () => `_${systemRandom.bytes(16).toString('hex')}`

/** Answers of the gateway's face, plain, made and signed per second on one core. */
export async function samlResponse(): Promise<readonly Row[]> {
  const key = makeKey('clave.example')
  const ours = () => respond('clave', key, newFacts())
  const toSign = Buffer.alloc(1024, 'x')
  const rates = await compare([ours, samlify('clave', key), () => sign('sha512', toSign, key.privateKey)])
  return rowsOf('saml-response', rates, ['samlify', 'RSA-2048 sign'])
}

/** Those of the standard face: made, Assertion signed, encrypted, Response signed; samlify does the same. */
export async function samlEncrypted(): Promise<readonly Row[]> {
  const [key, agency] = [makeKey('clave.example'), makeKey('agency.example')]
  const certificate = { pem: agency.pem, fingerprint: 'agency', notBefore: '', notAfter: '' }
  const encryption = { certificate, content: 'aes256-gcm', keyDigest: 'sha1', random: systemRandom } as const
  const ours = () => respond('standard', key, newFacts(), encryption)
  const rates = await compare([ours, samlify('standard', key, agency.certificate)])
  return rowsOf('saml-encrypted', rates, ['samlify'])
}

function rowsOf(bench: string, [ours = 0, ...peers]: readonly number[], names: readonly string[]): readonly Row[] {
  return names.map((peer_name, at) => {
    const peer = peers[at]!
    return { bench, unit: 'responses/s', ours, peer, peer_name, ratio: ours / peer }
  })
}

function makeKey(commonName: string): SamlKey & { readonly pem: string; readonly privatePem: string } {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const notBefore = systemClock.wire()
  const notAfter = new Date(notBefore.getTime() + 86_400_000)
  const pem = selfSignedCertificate({ ...pair, commonName, notBefore, notAfter })
  const { privateKey } = pair
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const certificate = new X509Certificate(pem).raw.toString('base64')
  return { kid: commonName, state: 'current', privateKey, certificate, notAfter, pem, privatePem }
}

function respond(face: 'clave' | 'standard', key: SamlKey, facts: Facts, encryption?: Encrypting): string {
  const { nameId, sessionIndex, at, given, firstSurname, secondSurname, ...ids } = facts
  const person: Person = {
    ...{ document: nameId, given, firstSurname, secondSurname },
    ...{ registrationLevel: 'advanced', method: 'pin' },
  }
  const answer: SuccessAnswer = { face, issuer, destination: acs, at, audience: acs, ...ids }
  const subject = {
    nameId,
    nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    classRef: 'http://eidas.europa.eu/LoA/substantial',
    authnInstant: at,
    attributes:
      face === 'clave'
        ? claveAttributes(person)
        : standardAttributes(person, ['profile', 'document', 'registration'], 'eidas'),
    ...(face === 'standard' ? { sessionIndex, spNameQualifier: acs } : {}),
  }
  return successResponse(key, answer, subject, encryption)
}

/** The same message as samlify's template: `{tag}` where a fact stands. */
function templateOf(face: 'clave' | 'standard', key: SamlKey): string {
  const tags = Object.keys(newFacts()).map((tag) => [tag, `{${tag}}`])
  const facts = { ...Object.fromEntries(tags), at: new Date(0) } as Facts
  return respond(face, key, facts)
    .replace(/<ds:Signature .*?<\/ds:Signature>/g, '')
    .replace('{FIRSTSURNAME} {SECONDSURNAME}', '{surnames}')
    .replaceAll(/19(69|70)-[\d-]+T[\d:.]+Z/g, '{at}')
}

/** samlify as its documentation has it: a template, values by tag, and its own signing and encryption. */
function samlify(
  face: 'clave' | 'standard',
  key: ReturnType<typeof makeKey>,
  encryptCert?: string,
): () => Promise<unknown> {
  const isEncrypted = encryptCert !== undefined
  const algorithms = {
    requestSignatureAlgorithm: `http://www.w3.org/2001/04/xmldsig-more#rsa-${isEncrypted ? 'sha256' : 'sha512'}`,
    dataEncryptionAlgorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  }
  const idp = IdentityProvider({
    ...{
      entityID: issuer,
      signingCert: key.certificate,
      privateKey: key.privatePem,
      isAssertionEncrypted: isEncrypted,
    },
    ...algorithms,
    singleSignOnService: [{ Binding: post, Location: `${issuer}/saml/sso` }],
    singleLogoutService: [{ Binding: post, Location: `${issuer}/saml/slo` }],
  })
  const sp = ServiceProvider({
    ...{ entityID: acs, wantAssertionsSigned: isEncrypted, wantMessageSigned: true },
    ...(isEncrypted ? { encryptCert } : {}),
    assertionConsumerService: [{ Binding: post, Location: acs }],
  })
  const template = templateOf(face, key)
  const customTagReplacement = () => {
    const { at, ...facts } = newFacts()
    const tags = { ...facts, at: at.toISOString(), surnames: `${facts.firstSurname} ${facts.secondSurname}` }
    return { id: facts.id, context: SamlLib.replaceTagsByValue(template, tags) }
  }
  const options = { customTagReplacement, encryptThenSign: isEncrypted }
  return () => idp.createLoginResponse(sp, { extract: {} }, 'post', {}, options)
}

/**
 * Acts per second of one core for each contender: the median of the rounds. Counted by the time that the processor worked for
 * this process, so that what else the machine does costs nobody anything.
 */
async function compare(contenders: readonly (() => unknown)[]): Promise<readonly number[]> {
  const rates: number[][] = contenders.map(() => [])
  // The first round only warms up.
  for (let round = 0; round <= rounds; round++) {
    const counts = contenders.map(() => ({ done: 0, milliseconds: 0 }))
    for (let turn = 0; turn < turnsInRound; turn++)
      for (const [at, act] of contenders.entries()) {
        const [began, until] = [worked(), performance.now() + slice]
        for (; performance.now() < until; counts[at]!.done++) await act()
        counts[at]!.milliseconds += worked() - began
      }
    if (round > 0) counts.forEach(({ done, milliseconds }, at) => rates[at]!.push((done / milliseconds) * 1000))
  }
  return rates.map(median)
}

/** Milliseconds of all threads of this process. */
function worked(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
