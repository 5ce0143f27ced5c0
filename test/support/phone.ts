import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** What a JWS says beside its claims, and who signs it: for words that an attacker would write. */
export interface Forged {
  readonly header?: Readonly<Record<string, unknown>>
  /** In the place of the header or the claims as JSON.stringify writes them. */
  readonly headerText?: string
  readonly claimsText?: string
  readonly signer?: (input: string) => Buffer
}

export interface ShownToPhone {
  readonly id: string
  readonly code: string | undefined
  readonly relyingParty: string
  readonly level: string
  readonly nonce: string
}

/** A phone with Cl@ve Móvil, written from the description of its interface: node:crypto and nothing of the server's. */
export interface TestPhone {
  /** Its public key, as JWK. */
  readonly key: { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
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
    decision: 'approve' | 'deny' | 'report',
    over?: Readonly<Record<string, unknown>>,
    forged?: Forged,
  ): string
  /** The proof of the phone's own unlock for this decision. */
  prove(jws: string, over?: AssertionOver): Record<string, unknown>
}

export function makePhone(baseUrl: string, now: () => Date): TestPhone {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const iat = () => Math.floor(now().getTime() / 1000)
  const unlock = makeAuthenticator(baseUrl)
  const phone: TestPhone = {
    key: { kty: 'EC', crv: 'P-256', x, y },
    unlock,
    device: '',
    word(typ, claims, forged = {}) {
      const named = phone.device === '' ? {} : { kid: phone.device }
      const header = { alg: 'ES256', typ, ...named, ...forged.header }
      const input = `${encode(forged.headerText ?? JSON.stringify(header))}.${encode(forged.claimsText ?? JSON.stringify(claims))}`
      return `${input}.${(forged.signer ?? signWith(privateKey))(input).toString('base64url')}`
    },
    proof: (activation, over, forged) =>
      phone.word('clave-movil-activation+jwt', { aud: baseUrl, activation, iat: iat(), ...over }, forged),
    call({ method, path, body = '' }, over, forged) {
      const about = { aud: baseUrl, htm: method, htu: path, bh: sha256(body).toString('base64url') }
      const jti = randomBytes(16).toString('base64url')
      return phone.word('clave-movil-call+jwt', { ...about, jti, iat: iat(), ...over }, forged)
    },
    decide({ id, code, relyingParty, level, nonce }, decision, over, forged) {
      const claims = {
        aud: baseUrl,
        request: id,
        rp: relyingParty,
        code: code ?? '',
        level,
        nonce,
        decision,
        iat: iat(),
      }
      return phone.word('clave-movil-decision+jwt', { ...claims, ...over }, forged)
    },
    prove: (jws, over) => unlock.get(sha256(jws.split('.').slice(0, 2).join('.')).toString('base64url'), over),
  }
  return phone
}

export interface AssertionOver {
  readonly type?: string
  readonly origin?: string
  readonly rpId?: string
  readonly counter?: number
  /** Flags of the authenticator data: 1 user present, 4 user verified. */
  readonly flags?: number
  readonly crossOrigin?: boolean
  readonly id?: string
  readonly challenge?: string
}

/** A platform authenticator in software (WebAuthn L3, 6.1 and 6.5): ES256, no attestation. */
export interface TestAuthenticator {
  /** navigator.credentials.create(): PublicKeyCredentialCreationOptionsJSON in, RegistrationResponseJSON out. */
  create(options: Readonly<Record<string, unknown>>, over?: AssertionOver): Record<string, unknown>
  /** navigator.credentials.get(): a challenge in base64url in, AuthenticationResponseJSON out. */
  get(challenge: string, over?: AssertionOver): Record<string, unknown>
  counter: number
}

const present = 1
const verified = 4
const attested = 64

function makeAuthenticator(baseUrl: string): TestAuthenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  const { origin, hostname } = new URL(baseUrl)
  const data = (flags: number, counter: number, over: AssertionOver, rest = Buffer.alloc(0)) => {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    return Buffer.concat([sha256(over.rpId ?? hostname), Buffer.from([over.flags ?? flags]), count, rest])
  }
  const client = (type: string, challenge: string, over: AssertionOver) =>
    Buffer.from(
      JSON.stringify({
        type: over.type ?? type,
        challenge: over.challenge ?? challenge,
        origin: over.origin ?? origin,
        crossOrigin: over.crossOrigin ?? false,
      }),
    )
  const answer = (over: AssertionOver, response: Record<string, string>) => {
    const name = over.id ?? id.toString('base64url')
    return { id: name, rawId: name, type: 'public-key', clientExtensionResults: {}, response }
  }
  const authenticator: TestAuthenticator = {
    counter: 0,
    create(options, over = {}) {
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
      const cose = coseKey(Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url'))
      const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cose])
      // With the flags of a test the attested credential stays.
      const flags = (over.flags ?? present | verified) | attested
      const authData = data(flags, authenticator.counter, { ...over, flags }, credential)
      return answer(over, {
        clientDataJSON: client('webauthn.create', String(options['challenge']), over).toString('base64url'),
        attestationObject: attestation(authData).toString('base64url'),
      })
    },
    get(challenge, over = {}) {
      authenticator.counter += 1
      const authenticatorData = data(present | verified, over.counter ?? authenticator.counter, over)
      const clientData = client('webauthn.get', challenge, over)
      const signed = Buffer.concat([authenticatorData, sha256(clientData)])
      return answer(over, {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: sign('sha256', signed, privateKey).toString('base64url'),
      })
    },
  }
  return authenticator
}

/** {1: 2, 3: -7, -1: 1, -2: x, -3: y} in CBOR (RFC 9052, 7; RFC 9053, 7.1.1). */
const coseKey = (x: Buffer, y: Buffer): Buffer =>
  Buffer.concat([Buffer.from('a5010203262001215820', 'hex'), x, Buffer.from('225820', 'hex'), y])

/** {"fmt": "none", "attStmt": {}, "authData": …} in CBOR (RFC 8949). */
function attestation(authData: Buffer): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)])
  const length = Buffer.from([0x59, authData.length >> 8, authData.length & 0xff])
  return Buffer.concat([
    ...[Buffer.from([0xa3]), text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0])],
    ...[text('authData'), length, authData],
  ])
}

/** ES256 over the signing input (RFC 7518, 3.4). */
export const signWith =
  (key: KeyObject) =>
  (input: string): Buffer =>
    sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64url')
const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()
