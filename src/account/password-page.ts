import { Type, type Static } from 'typebox'
import { problemsOf, rulesModel, type PasswordState } from '../authentication/index.ts'
import { calendarDay } from '../platform/index.ts'
import { isRefusal, refusalRow, type Refusal } from '../refusal/index.ts'
import type { ActsParts } from './acts-parts.ts'
import type { Answer, Form, Page, Turn } from './page.ts'

const form = Type.Object({
  old: Type.Optional(Type.String({ maxLength: 2_000 })),
  password: Type.Optional(Type.String({ maxLength: 2_000 })),
  /** For the browser's password manager only. */
  document: Type.Optional(Type.String({ maxLength: 100 })),
})

/** What the page says of a password; the first three can be changed here. */
type State = 'active' | 'ends-soon' | 'expired' | 'blocked' | 'none'

/** The password of Cl@ve Permanente: what became of it, and another in its place. */
export const passwordPages = (
  parts: ActsParts,
): { readonly pages: readonly Page[]; readonly forms: readonly Form[] } => ({
  pages: [
    // Its owner types it once more: that is as sure as another login.
    { path: '/password', template: 'account/views/password.njk', surety: 'session', show: (turn) => show(parts, turn) },
  ],
  forms: [
    {
      path: '/password',
      page: '/password',
      form,
      submit: (turn, typed) => change(parts, turn, typed as Static<typeof form>),
    },
  ],
})

async function show(parts: ActsParts, { citizen, caller }: Turn): ReturnType<Page['show']> {
  const password = await parts.permanente.passwordOf(citizen.id)
  const day = (at: Date | undefined) => at && calendarDay(at, caller.locale)
  const about = { set: day(password?.set), expires: day(password?.expires), document: citizen.document }
  return { model: { state: stateOf(parts, password), ...about, ...rulesModel(true) } }
}

function stateOf({ clock, limits }: ActsParts, password: PasswordState | undefined): State {
  if (!password) return 'none'
  if (password.blocked) return 'blocked'
  if (password.expires <= clock.now()) return 'expired'
  return password.expires <= clock.in(limits.passwordWarning) ? 'ends-soon' : 'active'
}

async function change(
  parts: ActsParts,
  { citizen, caller }: Turn,
  { old = '', password: next = '' }: Static<typeof form>,
): Promise<Answer> {
  const empty = [old === '' && 'old', next === '' && 'password'].filter((field) => field !== false)
  if (empty.length > 0) return { again: empty.map((field) => ({ field, text: `account:password.empty.${field}` })) }
  const changed = await parts.permanente.changePassword({ citizen: citizen.id, old, next }, caller)
  if (changed === 'changed') return { to: '/password', told: 'passwordChanged' }
  if (isRefusal(changed)) return sayRefused(changed)
  return { again: problemsOf(changed.broken), model: rulesModel(true, changed.broken) }
}

/** A wrong one is said beside its field; what the page's own state then says needs no more than the page again. */
function sayRefused(refused: Refusal): Answer {
  const { refused: code, details } = refused
  if (code === 'PERMANENTE-02-blocked' || code === 'PERMANENTE-04-not-active') return { to: '/password' }
  const { http, ends } = refusalRow(code)
  if (ends === 'agency') return refused
  const about = { ...(details && { details }) }
  if (code === 'PERMANENTE-01-wrong')
    return { again: [{ field: 'old', text: 'account:password.wrong', ...about }], status: http }
  const parts = ['body', 'remedy'] as const
  return { again: parts.map((part) => ({ field: '', text: `refusal:${code}.${part}`, ...about })), status: http }
}
