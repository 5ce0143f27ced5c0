import type { RefusalCode } from './table.ts'

/**
 * Why something that was asked does not happen: a value, never an exception. The table says how each one looks on a
 * page, in OIDC, in SAML and in HTTP.
 */
export interface Refusal {
  readonly refused: RefusalCode
  /** What a text may name: minutes to wait, the level asked. Never personal data. */
  readonly details?: Readonly<Record<string, string | number>>
}

export function refusal(refused: RefusalCode, details?: Refusal['details']): Refusal {
  return details ? { refused, details } : { refused }
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value
}
