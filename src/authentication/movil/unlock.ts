import { hash } from 'node:crypto'
import type { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import type { Assertion, Credential } from './contract.ts'
import { signingInput } from './phone-words.ts'

/** Loaded by the first phone that needs it: 27 MB, and a quarter of a second of a start. */
export const webAuthn = () => import('@simplewebauthn/server')

/** ES256 and RS256: what the platform authenticators of phones and computers make; and EdDSA (COSE's numbers). */
export const credentialAlgs = [-8, -7, -257]

interface Site {
  /** BASE_URL. */
  readonly baseUrl: string
}

/** The challenge of the assertion that goes with a decision: the decision itself, as it is signed. */
export const challengeOf = (jws: string): string => hash('sha256', signingInput(jws), 'base64url')

/**
 * Whether this assertion shows that the phone was unlocked by its owner for exactly this decision (WebAuthn 7.2, user
 * verification), on our own page and not in another's frame. Answers the new signature counter; undefined: it shows nothing.
 */
export async function counterOf(
  { baseUrl }: Site,
  jws: string,
  assertion: Assertion,
  credential: Credential,
): Promise<number | undefined> {
  try {
    if (assertion['id'] !== credential.id || isFramed(assertion)) return undefined
    const { verified, authenticationInfo } = await (
      await webAuthn()
    ).verifyAuthenticationResponse({
      response: assertion as unknown as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
      expectedChallenge: challengeOf(jws),
      expectedOrigin: new URL(baseUrl).origin,
      expectedRPID: new URL(baseUrl).hostname,
      requireUserVerification: true,
      credential: {
        id: credential.id,
        publicKey: new Uint8Array(Buffer.from(credential.publicKey, 'base64url')),
        counter: credential.counter,
      },
    })
    return verified && authenticationInfo.userVerified ? authenticationInfo.newCounter : undefined
  } catch {
    return undefined
  }
}

/** The credential that a phone made for its own unlock (WebAuthn 7.1); undefined: this is none. */
export async function credentialFrom(
  { baseUrl }: Site,
  challenge: string,
  response: Assertion,
): Promise<Credential | undefined> {
  try {
    if (isFramed(response)) return undefined
    const { verified, registrationInfo } = await (
      await webAuthn()
    ).verifyRegistrationResponse({
      response: response as unknown as Parameters<typeof verifyRegistrationResponse>[0]['response'],
      expectedChallenge: challenge,
      expectedOrigin: new URL(baseUrl).origin,
      expectedRPID: new URL(baseUrl).hostname,
      requireUserVerification: true,
      supportedAlgorithmIDs: credentialAlgs,
    })
    if (!verified || !registrationInfo?.userVerified) return undefined
    const { id, publicKey, counter } = registrationInfo.credential
    return { id, publicKey: Buffer.from(publicKey).toString('base64url'), counter }
  } catch {
    return undefined
  }
}

/** Made in a frame of somebody else's page, which the library lets pass where the browser does not name that page. */
function isFramed({ response }: Assertion): boolean {
  const { clientDataJSON } = response as { readonly clientDataJSON: string }
  const { crossOrigin } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8')) as {
    readonly crossOrigin?: unknown
  }
  return crossOrigin === true
}
