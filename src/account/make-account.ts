import type { App } from '../platform/index.ts'
import type { AccountParts } from './parts.ts'
import { mountAccount } from './routes.ts'

/** Mi Cl@ve: the citizen's own area, after a login of its own. */
export interface Account {
  /** Mounts /account and everything below it. */
  routes(app: App): void
}

export const makeAccount = (parts: AccountParts): Account => ({ routes: (app) => mountAccount(parts, app) })
