import { Type } from 'typebox'
import { historyOf, type AuditEntry } from '../audit/index.ts'
import type { Session } from '../login/index.ts'
import { calendarDay, timeOfDay } from '../platform/index.ts'
import { endSessions } from './end-sessions.ts'
import { agencyNames } from './names.ts'
import type { Form, Page, Turn } from './page.ts'
import type { AccountParts } from './parts.ts'

const path = '/sessions'

/** The citizen's alive sessions, and ending them. */
export function sessionPages(parts: AccountParts): {
  readonly pages: readonly Page[]
  readonly forms: readonly Form[]
} {
  return {
    pages: [
      {
        path,
        template: 'account/views/sessions.njk',
        surety: 'session',
        nav: 'sessions',
        show: async (turn) => ({ model: { sessions: await shownSessions(parts, turn) } }),
      },
    ],
    forms: [endForm(parts), endOthersForm(parts)],
  }
}

const endForm = (parts: AccountParts): Form => ({
  path: '/sessions/end',
  page: path,
  form: Type.Object({ session: Type.String({ maxLength: 64 }) }),
  async submit(turn, typed) {
    const { session: meant } = typed as { session: string }
    const ended = await endThose(parts, turn, ({ id }) => id === meant)
    return { to: path, told: ended > 0 ? 'sessionEnded' : 'sessionGone' }
  },
})

const endOthersForm = (parts: AccountParts): Form => ({
  path: '/sessions/end-others',
  page: path,
  async submit(turn) {
    const ended = await endThose(parts, turn, () => true)
    return { to: path, told: ended > 0 ? 'sessionsEnded' : 'sessionGone' }
  },
})

/** This one is ended by logging out, which tells more agencies. */
const endThose = (parts: AccountParts, turn: Turn, which: (session: Session) => boolean): Promise<number> =>
  endSessions(
    parts,
    { citizen: turn.citizen.id, address: turn.caller.address },
    'by-citizen',
    (session) => session.id !== turn.session.id && which(session),
  )

interface ShownSession {
  readonly id: string
  readonly here: boolean
  readonly method: string
  readonly day: string
  readonly time: string
  readonly agencies: readonly string[]
  /** Undefined where the login is not told of. */
  readonly address: string | undefined
  /** Whether it is of the browser that asks. */
  readonly sameBrowser: boolean | undefined
}

/** This one first, then the newest. */
async function shownSessions(parts: AccountParts, turn: Turn): Promise<readonly ShownSession[]> {
  const { citizen, caller, session } = turn
  const [sessions, logins] = await Promise.all([parts.login.sessionsOf(citizen.id), loginsOf(parts, citizen.id)])
  const names = await agencyNames(
    parts,
    sessions.flatMap(({ reached }) => Object.keys(reached)),
  )
  return sessions
    .toSorted((one, other) => rank(other, session) - rank(one, session))
    .map(({ id, proofs: [proof], reached }) => {
      const at = new Date(proof.at)
      const login = logins.get(id)
      return {
        id,
        here: id === session.id,
        method: proof.method,
        day: calendarDay(at, caller.locale),
        time: timeOfDay(at, caller.locale),
        agencies: Object.keys(reached).map((one) => names.get(one) ?? one),
        address: login?.address,
        sameBrowser: login?.browser === undefined ? undefined : login.browser === caller.browser,
      }
    })
}

const rank = ({ id, proofs: [proof] }: Session, here: Session): number => (id === here.id ? Infinity : proof.at)

type LoginData = Extract<AuditEntry, { kind: 'login' }>['data']

/** The login that each alive session began with; no session is older than its newest proof may be. */
async function loginsOf({ db, clock, limits }: AccountParts, citizen: string): Promise<ReadonlyMap<string, LoginData>> {
  const from = clock.in(-limits.sessionLongest)
  const entries = await historyOf(db, citizen, { from, most: 200, kinds: ['login'] })
  // Newest first: the first login of a session comes last and stays.
  return new Map(entries.flatMap((one) => (one.kind === 'login' ? [[one.data.session, one.data] as const] : [])))
}
