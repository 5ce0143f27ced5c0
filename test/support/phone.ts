import { randomBytes } from 'node:crypto'
import {
  assertionOf,
  authenticatorData,
  clientData,
  coseKey,
  credentialOf,
  sayingAt,
  unlocked,
  type Saying,
} from '../../src/sandbox/phone/authenticator.ts'
import { phoneKeys, publicJwk, type PhoneKeys, type PublicJwk } from '../../src/sandbox/phone/keys.ts'
import {
  callClaims,
  challengeOf,
  decisionClaims,
  signWith,
  writeWord,
  type PhoneDecision,
  type ShownToPhone,
} from '../../src/sandbox/phone/words.ts'

export { signWith }

/** What a JWS says beside its claims, and who signs it: for words that an attacker would write. */
export interface Forged {
  readonly header?: Readonly<Record<string, unknown>>
  /** In the place of the header or the claims as JSON.stringify writes them. */
  readonly headerText?: string
  readonly claimsText?: string
  readonly signer?: (input: string) => Buffer
}

/** The sandbox's phone, and in the hands of an attacker: it can be made to say anything. */
export interface TestPhone {
  /** Its public key, as JWK. */
  readonly key: PublicJwk
  readonly unlock: TestAuthenticator
  /** What the server calls it, once it is activated. */
  device: string
  word(typ: string, claims: Readonly<Record<string, unknown>>, forged?: Forged): string
  /** Proves the key, for an activation. */
  proof(activation: string, over?: Readonly<Record<string, unknown>>, forged?: Forged): string
  /** The word that goes with a call. */
  call(
    asked: { readonly method: string; readonly path: string; readonly body?: string },
    over?: Readonly<Record<string, unknown>>,
    forged?: Forged,
  ): string
  /** Decides on what it was shown; `over` changes claims. */
  decide(
    shown: ShownToPhone,
    decision: PhoneDecision,
    over?: Readonly<Record<string, unknown>>,
    forged?: Forged,
  ): string
  /** The proof of the phone's own unlock for this decision. */
  prove(jws: string, over?: AssertionOver): Record<string, unknown>
}

export function makePhone(baseUrl: string, now: () => Date): TestPhone {
  const keys = phoneKeys(randomBytes(32))
  const iat = () => Math.floor(now().getTime() / 1000)
  const unlock = makeAuthenticator(baseUrl, keys)
  const phone: TestPhone = {
    key: publicJwk(keys.signing),
    unlock,
    device: '',
    word(typ, claims, forged = {}) {
      const named = phone.device === '' ? {} : { kid: phone.device }
      const header = { alg: 'ES256', typ, ...named, ...forged.header }
      const headerText = forged.headerText ?? JSON.stringify(header)
      return writeWord(headerText, forged.claimsText ?? JSON.stringify(claims), forged.signer ?? signWith(keys.signing))
    },
    proof: (activation, over, forged) =>
      phone.word('clave-movil-activation+jwt', { aud: baseUrl, activation, iat: iat(), ...over }, forged),
    call(asked, over, forged) {
      const claims = callClaims(baseUrl, asked, { jti: randomBytes(16).toString('base64url'), iat: iat() })
      return phone.word('clave-movil-call+jwt', { ...claims, ...over }, forged)
    },
    decide(shown, decision, over, forged) {
      const claims = decisionClaims(baseUrl, shown, decision, iat())
      return phone.word('clave-movil-decision+jwt', { ...claims, ...over }, forged)
    },
    prove: (jws, over) => unlock.get(challengeOf(jws), over),
  }
  return phone
}

export type AssertionOver = Partial<Saying>

/** A platform authenticator in software (WebAuthn L3, 6.1 and 6.5): ES256, no attestation. */
export interface TestAuthenticator {
  /** navigator.credentials.create(): PublicKeyCredentialCreationOptionsJSON in, RegistrationResponseJSON out. */
  create(options: Readonly<Record<string, unknown>>, over?: AssertionOver): Record<string, unknown>
  /** navigator.credentials.get(): a challenge in base64url in, AuthenticationResponseJSON out. */
  get(challenge: string, over?: AssertionOver): Record<string, unknown>
  counter: number
}

/** A credential is attached to the authenticator data. */
const attached = 64

function makeAuthenticator(baseUrl: string, { unlock, credential }: PhoneKeys): TestAuthenticator {
  const authenticator: TestAuthenticator = {
    counter: 0,
    create(options, over = {}) {
      const said = sayingAt(baseUrl, credential, String(options['challenge']), authenticator.counter)
      // With the flags of a test the attested credential stays.
      const flags = (over.flags ?? unlocked) | attached
      const saying = { ...said, type: 'webauthn.create', ...over, flags }
      const id = Buffer.from(credential, 'base64url')
      const made = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, coseKey(unlock)])
      return credentialOf(saying, {
        clientDataJSON: clientData(saying).toString('base64url'),
        attestationObject: attestation(authenticatorData(saying, made)).toString('base64url'),
      })
    },
    get(challenge, over = {}) {
      authenticator.counter += 1
      return assertionOf({ ...sayingAt(baseUrl, credential, challenge, authenticator.counter), ...over }, unlock)
    },
  }
  return authenticator
}

/** {"fmt": "none", "attStmt": {}, "authData": …} in CBOR (RFC 8949). */
function attestation(authData: Buffer): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)])
  const length = Buffer.from([0x59, authData.length >> 8, authData.length & 0xff])
  return Buffer.concat([
    ...[Buffer.from([0xa3]), text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0])],
    ...[text('authData'), length, authData],
  ])
}
