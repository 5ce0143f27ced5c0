import { historyOf, type AuditEntry } from '../audit/index.ts'
import { properName, type Citizen } from '../citizen/index.ts'
import { calendarDay } from '../platform/index.ts'
import { twoYears } from './activity.ts'
import type { Page, Turn } from './page.ts'
import type { AccountParts } from './parts.ts'
import { showEvent, type ShownEvent } from './show-event.ts'
import { passwordEnds, standingsOf, type Standing } from './standing.ts'

/** Who it is, what happened last, what needs doing, and the ways on. */
export const homePage = (parts: AccountParts): Page => ({
  path: '',
  template: 'account/views/home.njk',
  surety: 'session',
  nav: 'home',
  async show(turn) {
    const { citizen, caller } = turn
    const [last, notices] = await Promise.all([lastElsewhere(parts, turn), noticesFor(parts, turn)])
    return {
      model: {
        given: properName(citizen.name.given),
        registration: registrationOf(citizen, caller.locale),
        last,
        notices,
      },
    }
  },
})

/** How, how surely and since when the citizen is registered. */
export const registrationOf = ({ registration }: Citizen, locale: Turn['caller']['locale']) =>
  registration && {
    level: registration.level,
    channel: registration.channel,
    day: calendarDay(registration.at, locale),
  }

/** Logins that are read at once. */
const onePage = 100

/**
 * The citizen's last login in another session than this (ENS op.acc.5 R5): one that began since is what they should see
 * first. What came of one session at several agencies is one visit, however often they asked it.
 */
async function lastElsewhere(parts: AccountParts, { citizen, session, caller }: Turn): Promise<ShownEvent | undefined> {
  const own = new Set([session.id, ...Object.values(session.reached)])
  const asked = { from: parts.clock.in(-twoYears), most: onePage, kinds: ['login'] } as const
  let page: readonly AuditEntry[] = []
  do {
    const after = page.at(-1)
    page = await historyOf(parts.db, citizen.id, { ...asked, ...(after && { after }) })
    const last = page.find((one) => one.kind === 'login' && !own.has(one.data.session))
    if (last) return showEvent(parts, last, caller)
  } while (page.length === onePage)
  return undefined
}

/** A text of `account:home.notice`, and what it is filled with. */
interface Notice {
  readonly key: string
  readonly details?: Readonly<Record<string, string>>
  readonly href?: string
}

async function noticesFor(parts: AccountParts, { citizen, caller }: Turn): Promise<readonly Notice[]> {
  const [standings, ends] = await Promise.all([standingsOf(parts, citizen), passwordEnds(parts, citizen.id)])
  const day = ends && calendarDay(ends, caller.locale)
  return [
    ...(day === undefined ? [] : [{ key: 'passwordEnds', details: { day }, href: '/account/password' }]),
    ...standings.flatMap(noticeOf),
    ...(citizen.phone === undefined ? [{ key: 'noPhone' }] : []),
    ...emailNotice(citizen),
  ]
}

const emailNotice = ({ email, emailProvenAt }: Citizen): readonly Notice[] => {
  if (email === undefined) return [{ key: 'noEmail', href: '/account/email' }]
  return emailProvenAt ? [] : [{ key: 'emailNotProven', href: '/account/email' }]
}

function noticeOf({ method, refused }: Standing): readonly Notice[] {
  if (refused === 'CITIZEN-07-method-blocked') return [{ key: `blocked.${method}`, href: '/account/methods' }]
  if (refused === 'PERMANENTE-02-blocked') return [{ key: 'passwordBlocked', href: '/permanente/recover' }]
  if (refused === 'PERMANENTE-03-expired') return [{ key: 'passwordExpired', href: '/permanente/recover' }]
  if (refused === 'PERMANENTE-04-not-active') return [{ key: 'noPermanente', href: '/permanente/activate' }]
  return []
}
