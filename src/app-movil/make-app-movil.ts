import { watchPhones } from '../authentication/index.ts'
import { makeTurns } from '../lockout/index.ts'
import { makeCheckSubscription } from '../messaging/index.ts'
import type { App } from '../platform/index.ts'
import { mountPages } from './page-routes.ts'
import type { AppMovilGiven, AppMovilParts } from './parts.ts'
import { mountApi } from './routes.ts'

/** The citizen's app. */
export interface AppMovil {
  /** Mounts /app, its pages and its interface. When the server stops, no phone is told anything any more. */
  routes(app: App): void
}

export function makeAppMovil(given: AppMovilGiven): AppMovil {
  const { baseUrl, push } = given
  const parts: AppMovilParts = {
    ...given,
    inTurn: makeTurns(),
    watch: watchPhones(given),
    checkSubscription: makeCheckSubscription({ ...push, baseUrl }),
  }
  return {
    routes(app) {
      mountApi(parts, app)
      mountPages(parts, app)
      app.addHook('onClose', () => parts.watch.close())
    },
  }
}
