import { verifySync } from 'otplib'
import type { Envelope } from '../../platform/index.ts'
import { epochSeconds } from '../../platform/index.ts'

/** RFC 6238 as every authenticator app has it: SHA-1, 6 digits, a new code every 30 seconds. */
export const totpDigits = 6

/**
 * The time step whose code this is, within one step of clock drift on either side (RFC 6238, 5.2); undefined: of none.
 * `at` is wire time: the citizen's phone knows nothing of a clock that we move.
 */
export function stepOfTotp(secret: string, code: string, at: Date): number | undefined {
  // The library throws at other lengths, and answers an object that is truthy when the code is wrong.
  if (!/^[0-9]{6}$/.test(code)) return undefined
  const verified = verifySync({ strategy: 'totp', secret, token: code, epoch: epochSeconds(at), epochTolerance: 30 })
  return verified.valid && 'timeStep' in verified ? verified.timeStep : undefined
}

/** `secret`: base32, as the app got it. Sealed to its citizen's row. */
export const sealTotp = (envelope: Envelope, citizen: string, secret: string): string =>
  envelope.seal(secret, contextOf(citizen))

export const openTotp = (envelope: Envelope, citizen: string, sealed: string): string =>
  envelope.open(sealed, contextOf(citizen)).toString('utf8')

const contextOf = (citizen: string): string => `permanente_totp.sealed_secret.${citizen}`
