import { mountJourneys, type App, type Journey, type JourneyTable, type Lost } from '../../../platform/index.ts'
import type { At } from './journey.ts'
import { pagesOf, startsOf } from './pages.ts'
import type { LifeParts } from './parts.ts'

const views = 'authentication/permanente/life/views'

/** Mounts every page of the table; each tab may have a journey of its own. */
export function mountLife(parts: LifeParts, app: App): void {
  const { loginLifetime, loginLongest, interactionLifetime } = parts.limits
  const table: JourneyTable<At> = {
    name: 'permanente-life',
    base: '/permanente/:id',
    lifetimes: { first: loginLifetime, longest: loginLongest, kept: interactionLifetime },
    starts: startsOf(parts),
    pages: pagesOf(parts),
    ends: { states: ['done', 'ended'], lapse: false },
    pageOf: ({ page }) => page,
    lost: explain,
    refusals: { template: `${views}/refused.njk` },
  }
  mountJourneys(parts, table, app)
}

const said = {
  unknown: { why: 'unknown', status: 404 },
  foreign: { why: 'otherBrowser', status: 403 },
  expired: { why: 'expired', status: 410 },
} as const satisfies Record<Lost, object>

function explain(reason: Lost, journey?: Journey<At>) {
  const { why, status } = said[reason]
  return { template: `${views}/ended.njk`, model: { why, kind: journey?.kind ?? 'recover' }, status }
}
