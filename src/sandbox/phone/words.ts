import { hash, sign, type KeyObject } from 'node:crypto'

/** A request, as the phone was shown it. */
export interface ShownToPhone {
  readonly id: string
  /** Absent where it is to be typed. */
  readonly code: string | undefined
  readonly relyingParty: string
  readonly level: string
  readonly nonce: string
}

export type PhoneDecision = 'approve' | 'deny' | 'report'

type Claims = Readonly<Record<string, unknown>>

/** Signs header and claims, JSON already, as a compact JWS (RFC 7515, 3.1). */
export function writeWord(header: string, claims: string, signer: (input: string) => Buffer): string {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${signer(input).toString('base64url')}`
}

/** ES256 over the signing input (RFC 7518, 3.4). */
export const signWith =
  (key: KeyObject) =>
  (input: string): Buffer =>
    sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })

/** What goes with a call of the app's interface; `iat` in seconds since 1970. */
export function callClaims(
  aud: string,
  { method, path, body = '' }: { readonly method: string; readonly path: string; readonly body?: string },
  { jti, iat }: { readonly jti: string; readonly iat: number },
): Claims {
  return { aud, htm: method, htu: path, bh: hash('sha256', body, 'base64url'), jti, iat }
}

export function decisionClaims(
  aud: string,
  { id, code = '', relyingParty, level, nonce }: ShownToPhone,
  decision: PhoneDecision,
  iat: number,
): Claims {
  return { aud, request: id, rp: relyingParty, code, level, nonce, decision, iat }
}

/** The challenge that the phone's own unlock signs: this decision and no other. */
export const challengeOf = (jws: string): string => hash('sha256', jws.slice(0, jws.lastIndexOf('.')), 'base64url')

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64url')
