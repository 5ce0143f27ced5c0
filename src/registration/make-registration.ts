import type register from '../../locales/es/register.json'
import type { App } from '../platform/index.ts'
import { makeTurns } from '../lockout/index.ts'
import { makePages } from './pages.ts'
import type { RegistrationParts } from './parts.ts'
import { mountRegistration } from './routes.ts'

declare module '../platform/i18n.ts' {
  interface Texts {
    register: typeof register
  }
}

export interface Registration {
  /** Mounts /register and all below it. */
  routes(app: App): void
}

/** The citizen's own way into Cl@ve: document and contrast, the channels open to them, the invitation letter. */
export function makeRegistration(given: RegistrationParts): Registration {
  const parts = { ...given, inTurn: makeTurns() }
  return { routes: (app) => mountRegistration(parts, makePages(parts), app) }
}
