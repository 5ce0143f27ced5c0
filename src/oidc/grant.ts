import type { MethodName, RegistrationLevel } from '../citizen/index.ts'

/**
 * What an agency was granted by one authorization. It is its own identifier: oidc-provider keeps a grant's id in the code
 * and the access token, which only we store, so that a grant of its own need be neither written nor read.
 */
export interface GrantFacts {
  /** Random, drawn for each authorization: under it lies the one access token that may come of it. */
  readonly root: string
  readonly clientId: string
  /** Citizen.id. */
  readonly accountId: string
  readonly scope: string
  /** Claims asked for by name. */
  readonly claims: readonly string[]
  readonly method: MethodName
  readonly registrationLevel: RegistrationLevel | undefined
}

export function grantId(facts: GrantFacts): string {
  const { root, clientId, accountId, scope, claims, method, registrationLevel } = facts
  return JSON.stringify([root, clientId, accountId, scope, claims, method, registrationLevel ?? null])
}

type Stored = [string, string, string, string, string[], MethodName, RegistrationLevel | null]

/** Of an id that came out of our own store. */
export function grantOf(id: string): GrantFacts {
  const [root, clientId, accountId, scope, claims, method, registrationLevel] = JSON.parse(id) as Stored
  return { root, clientId, accountId, scope, claims, method, registrationLevel: registrationLevel ?? undefined }
}

/** As oidc-provider's model wants it. */
export function grantPayload(id: string): Record<string, unknown> {
  const { clientId, accountId, scope, claims } = grantOf(id)
  return { kind: 'Grant', jti: id, clientId, accountId, openid: { scope, claims } }
}
