import type { Session } from '../login/index.ts'
import type { App } from '../platform/index.ts'
import { tellClients } from './backchannel.ts'
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
  /** Tells the clients of a session, all but `except`, that it ended (back-channel logout); answers the ids of those that heard it. */
  tellEnded(session: Session, except: string | undefined): Promise<readonly string[]>
}

export function makeOidc(parts: OidcParts): Oidc {
  const { serve, provider } = makeServe(parts)
  return {
    routes: (app) => mountOidc(app, serve),
    refreshKeys: () => parts.keys.refresh(),
    tellEnded: (session, except) => tellClients(parts, provider(), session, except),
  }
}
