import { mountJourneys, type App, type JourneyTable, type Lost } from '../platform/index.ts'
import { refusal, refusalRow } from '../refusal/index.ts'
import type { At } from './journey.ts'
import type { Page } from './page.ts'
import { pageOf } from './pages.ts'
import type { RegistrationParts } from './parts.ts'
import { startPage } from './start-page.ts'

/** Mounts /register and every page of the table below it. */
export function mountRegistration(parts: RegistrationParts, pages: readonly Page[], app: App): void {
  const { loginLifetime: first, loginLongest: longest } = parts.limits
  const table: JourneyTable<At> = {
    name: 'register',
    base: '/register',
    lifetimes: { first, longest, kept: longest },
    starts: [startPage],
    pages,
    pageOf,
    // What may be read on the last page, the activation code's receipt, is not there for ever.
    ends: { states: ['done', 'refused'], lapse: true },
    lost,
    leaveTo: '/register',
  }
  mountJourneys(parts, table, app)
}

function lost(why: Lost) {
  const { refused } = refusal(why === 'foreign' ? 'REGISTER-14-another-begun' : 'REGISTER-13-expired')
  const template = 'registration/views/refused.njk'
  return { template, model: { refusal: { code: refused } }, status: refusalRow(refused).http }
}
