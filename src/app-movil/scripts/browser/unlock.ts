import { fromBase64url, sha256, toBase64url } from './encode.ts'
import { signingInput } from './words.ts'

/** The phone's own unlock (WebAuthn, platform authenticator), in the JSON that the server reads. */

type Json = Readonly<Record<string, unknown>>

/** Whether this phone can be asked for its fingerprint, face or PIN. */
export async function hasUnlock(): Promise<boolean> {
  if (!('PublicKeyCredential' in window)) return false
  return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false)
}

/** Makes a credential; undefined: the citizen, or the phone, said no. */
export async function makeCredential(options: Json): Promise<Json | undefined> {
  return asked(() => navigator.credentials.create({ publicKey: creationOptions(options) }))
}

/** Proof of the unlock for exactly this word; undefined: the phone was not unlocked. */
export async function proveUnlock(jws: string, credential: string): Promise<Json | undefined> {
  const challenge = await sha256(signingInput(jws))
  const allowed = { type: 'public-key', id: fromBase64url(credential), transports: ['internal'] } as const
  const options = { challenge, allowCredentials: [{ ...allowed, transports: [...allowed.transports] }] }
  return asked(() => navigator.credentials.get({ publicKey: { ...options, userVerification: 'required' } }))
}

async function asked(ask: () => Promise<Credential | null>): Promise<Json | undefined> {
  try {
    const credential = await ask()
    return credential instanceof PublicKeyCredential ? toJson(credential) : undefined
  } catch (error) {
    // Cancelled, timed out, none there: the browser does not tell one from the other (WebAuthn 14.6).
    if (error instanceof DOMException) return undefined
    throw error
  }
}

interface CreationOptions {
  readonly challenge: string
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string }
  readonly excludeCredentials?: readonly { readonly id: string }[]
}

/** `PublicKeyCredential.parseCreationOptionsFromJSON`, for the browsers of before 2025, which lack it. */
function creationOptions(options: Json): PublicKeyCredentialCreationOptions {
  const { challenge, user, excludeCredentials: _none, ...rest } = options as Json & CreationOptions
  return {
    ...(rest as unknown as PublicKeyCredentialCreationOptions),
    challenge: fromBase64url(challenge),
    user: { ...user, id: fromBase64url(user.id) },
  }
}

/** `PublicKeyCredential.toJSON`, as far as the server asks. */
function toJson({ id, rawId, type, response }: PublicKeyCredential): Json {
  const about = { id, rawId: toBase64url(rawId), type, clientExtensionResults: {} }
  const clientDataJSON = toBase64url(response.clientDataJSON)
  if (response instanceof AuthenticatorAttestationResponse)
    return { ...about, response: { clientDataJSON, attestationObject: toBase64url(response.attestationObject) } }
  const { authenticatorData, signature } = response as AuthenticatorAssertionResponse
  const proof = { authenticatorData: toBase64url(authenticatorData), signature: toBase64url(signature) }
  return { ...about, response: { clientDataJSON, ...proof } }
}
