import type { Digest } from '../platform/index.ts'

/** The `sub` by which one public body knows a citizen. */
export type Pairwise = (sector: string, citizen: string) => string

/**
 * HMAC-SHA-256 over sector and citizen: bodies cannot compare theirs (OpenID Connect Core 8.1), applications of one body
 * agree, and it survives a new registration, since the citizen's id does.
 */
export const pairwiseWith =
  (digest: Digest): Pairwise =>
  (sector, citizen) =>
    digest('oidc sub', sector, citizen)

/**
 * The `sid` by which an agency knows a session (OpenID Connect Front-/Back-Channel Logout 1.0): agencies cannot compare
 * theirs, and it need not be kept. `session`: what the session was called when the agency was answered.
 */
export const sessionIdFor = (digest: Digest, session: string, clientId: string): string =>
  digest('oidc sid', session, clientId)
