import { ScureBase32Plugin, generateURI } from 'otplib'
import { toString as drawQr } from 'qrcode'
import type { AuditEvent } from '../../../audit/index.ts'
import { refusal, type Refusal } from '../../../refusal/index.ts'
import type { Problem } from '../../method.ts'
import { readCode } from '../../one-time-code.ts'
import { tellOf } from '../tell.ts'
import { openTotp, sealTotp, stepOfTotp, totpDigits } from '../totp.ts'
import { enrolTotp, removeTotp } from '../totp-table.ts'
import type { Caller, LifeParts } from './parts.ts'

type AuthenticatorParts = Pick<
  LifeParts,
  'db' | 'store' | 'envelope' | 'clock' | 'random' | 'citizens' | 'limits' | 'messages'
>

/** What the page of the enrolment shows. */
export interface Enrolment {
  /** An SVG as a data URL, of what the app reads with the camera. */
  readonly qr: string
  /** The secret to be typed into an app that has no camera: base32 in groups of four. */
  readonly secret: string
}

/** Octets of a secret (RFC 4226, 4 R6: 160 bits are recommended). */
const secretLength = 20

interface Pending {
  readonly sealed: string
  readonly used: boolean
}

/** Of this browser: whoever saw a secret in another session must not know the one that is enrolled. */
const keyOf = (citizen: string, { browser }: Caller): string => `permanente-authenticator:${citizen}:${browser}`

/**
 * Draws the secret of an app that is to be enrolled; until its first code was right, one enrolled before goes on. To be
 * asked for in a proven session only. A page that is shown again shows the same secret.
 */
export async function beginEnrolment(
  parts: AuthenticatorParts,
  id: string,
  caller: Caller,
): Promise<Enrolment | Refusal> {
  const citizen = await parts.citizens.find(id)
  if (!citizen?.registration) return refusal('CITIZEN-03-not-registered')
  const secret = (await pendingSecret(parts, id, caller)) ?? (await drawSecret(parts, id, caller))
  const label = `${citizen.document.slice(0, 1)}…${citizen.document.slice(-4)}`
  const svg = await drawQr(generateURI({ issuer: 'Cl@ve', label, secret }), { type: 'svg', margin: 2 })
  return {
    qr: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`,
    secret: secret.match(/.{1,4}/g)?.join(' ') ?? '',
  }
}

async function pendingSecret(
  { store, envelope }: AuthenticatorParts,
  id: string,
  caller: Caller,
): Promise<string | undefined> {
  const pending = await store.get<Pending>(keyOf(id, caller))
  return pending && !pending.value.used ? openTotp(envelope, id, pending.value.sealed) : undefined
}

async function drawSecret(parts: AuthenticatorParts, id: string, caller: Caller): Promise<string> {
  const secret = new ScureBase32Plugin().encode(parts.random.bytes(secretLength), { padding: false })
  const pending: Pending = { sealed: sealTotp(parts.envelope, id, secret), used: false }
  await parts.store.set(keyOf(id, caller), pending, parts.clock.in(parts.limits.loginLifetime))
  return secret
}

/** For the page of the enrolment, which is shown again with what `beginEnrolment` then says. */
export const enrolmentProblem = (answer: 'wrong' | 'gone'): Problem => ({
  field: 'code',
  text: `permanente:authenticator.${answer}`,
})

export type Enrolled =
  | 'enrolled'
  /** The code is another than the app shows now, or its clock is wrong. */
  | 'wrong'
  /** No enrolment was begun, it is too long ago, or it was confirmed before. */
  | 'gone'

/** Enrols the app, in the place of an older one, by its first right code, and tells; that code is never taken again. */
export async function confirmEnrolment(
  parts: AuthenticatorParts,
  id: string,
  typed: string,
  caller: Caller,
): Promise<Enrolled> {
  const { browser, address } = caller
  const entry = await parts.store.get<Pending>(keyOf(id, caller))
  if (!entry || entry.value.used) return 'gone'
  const { sealed } = entry.value
  const code = readCode(typed, totpDigits) ?? ''
  const lastStep = stepOfTotp(openTotp(parts.envelope, id, sealed), code, parts.clock.wire())
  if (lastStep === undefined) return 'wrong'
  // One of any number of callers goes on; killed after it, the citizen begins anew.
  const taken = await parts.store.swap(
    keyOf(id, caller),
    entry.revision,
    { sealed, used: true } satisfies Pending,
    entry.expires,
  )
  const citizen = await parts.citizens.find(id)
  if (taken === undefined || !citizen) return 'gone'
  const at = parts.clock.now()
  const event: AuditEvent = { kind: 'totp-enrolled', at, citizen: id, data: { browser, address } }
  const told = tellOf(parts, citizen, event, { kind: 'authenticator-added', at })
  const enrolled = await enrolTotp(parts.db, { citizen: id, sealedSecret: sealed, lastStep }, told)
  return enrolled ? 'enrolled' : 'gone'
}

/** Takes the app off, and tells: from then on codes come by SMS. False: there was none. */
export async function removeAuthenticator(
  parts: AuthenticatorParts,
  id: string,
  { browser, address }: Caller,
): Promise<boolean> {
  const citizen = await parts.citizens.find(id)
  if (!citizen) return false
  const at = parts.clock.now()
  const event: AuditEvent = { kind: 'totp-removed', at, citizen: id, data: { browser, address } }
  return removeTotp(parts.db, id, tellOf(parts, citizen, event, { kind: 'authenticator-removed', at }))
}
