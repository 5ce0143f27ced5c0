import type { App } from '../platform/index.ts'
import type { OidcParts } from './parts.ts'
import { mountOidc } from './routes.ts'
import { makeServe } from './serve.ts'

export { acrOf, acrValues } from './levels.ts'
export type { OidcParts } from './parts.ts'
export { claimsOf } from './scopes.ts'

/** The OpenID Connect face. */
export interface Oidc {
  /** Mounts /oidc/* and the discovery documents. */
  routes(app: App): void
  /**
   * Reads the signing keys anew, to be called every minute or so; requests from then on are served with them. Answers
   * whether they changed.
   */
  refreshKeys(): Promise<boolean>
}

export function makeOidc(parts: OidcParts): Oidc {
  const serve = makeServe(parts)
  return {
    routes: (app) => mountOidc(app, serve),
    refreshKeys: () => parts.keys.refresh(),
  }
}
