import { refusal, type Refusal } from '../../refusal/index.ts'
import type { Assertion, PhoneCall } from './contract.ts'
import { putCredential } from './device-table.ts'
import type { MovilParts } from './parts.ts'
import { credentialAlgs, credentialFrom, webAuthn } from './unlock.ts'

/** After its activation a phone may add its unlock for so long, seconds: later, whoever has its key could add another's. */
const enrolling = 900

const keyOf = (device: string): string => `movil-unlock:${device}`

/**
 * What the phone's browser is to make a credential with (PublicKeyCredentialCreationOptionsJSON): of the platform, verified by
 * the phone's own unlock each time, without attestation.
 */
export async function beginUnlock(
  { store, clock, baseUrl, random }: MovilParts,
  { device }: PhoneCall,
): Promise<Readonly<Record<string, unknown>> | Refusal> {
  if (device.credential || device.activatedAt <= clock.in(-enrolling)) return refusal('MOVIL-01-gone')
  const challenge = random.bytes(32)
  const { generateRegistrationOptions } = await webAuthn()
  const options = await generateRegistrationOptions({
    rpName: 'Cl@ve',
    rpID: new URL(baseUrl).hostname,
    // Nothing of the person: the phone shows it in its list of passkeys.
    userName: 'Cl@ve Móvil',
    userID: new Uint8Array(Buffer.from(device.id)),
    challenge: new Uint8Array(challenge),
    attestationType: 'none',
    authenticatorSelection: {
      authenticatorAttachment: 'platform',
      userVerification: 'required',
      residentKey: 'discouraged',
    },
    supportedAlgorithmIDs: credentialAlgs,
  })
  await store.set(keyOf(device.id), challenge.toString('base64url'), clock.in(enrolling))
  return { ...options }
}

/** Keeps the credential that the phone made: from now on this phone reaches what its registration does. */
export async function confirmUnlock(
  { db, store, clock, baseUrl }: MovilParts,
  { device }: PhoneCall,
  response: Assertion,
): Promise<'enrolled' | Refusal> {
  // Taken: of any number of answers one is looked at.
  const challenge = await store.take<string>(keyOf(device.id))
  if (challenge === undefined) return refusal('MOVIL-01-gone')
  const credential = await credentialFrom({ baseUrl }, challenge, response)
  if (!credential) return refusal('MOVIL-02-not-genuine')
  const put = await putCredential(db, device.id, credential, clock.in(-enrolling))
  return put ? 'enrolled' : refusal('MOVIL-01-gone')
}
