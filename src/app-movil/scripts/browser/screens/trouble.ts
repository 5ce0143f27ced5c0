import { offline, unknownPhone, type Problem } from '../api.ts'
import { say } from '../island.ts'
import { end } from '../requests.ts'
import { show, showFaults, type Screen } from '../screen.ts'

/** The texts of a problem, which the server says in the citizen's language; ours where no answer of it came. */
function wordsOf({ code, title, detail }: Problem): { readonly title: string; readonly detail: string } {
  if (code === offline) return { title: say('offlineTitle'), detail: say('offlineDetail') }
  return title === '' ? { title: say('brokenTitle'), detail: say('brokenDetail') } : { title, detail }
}

/** Says a problem where the citizen can mend it: above the form and beside its field. */
export function showProblem(screen: Screen, problem: Problem, fields: readonly string[] = []): void {
  if (problem.code === unknownPhone) return end()
  if (!screen.shown()) return
  const { field } = problem
  const known = field !== undefined && fields.includes(field)
  showFaults(screen, [{ field: known ? field : undefined, text: wordsOf(problem).detail }])
}

/** A page of its own for what cannot be mended where it happened. */
export function showTrouble(problem: Problem, again?: () => unknown): void {
  if (problem.code === unknownPhone) return end()
  if (problem.code === offline) return showOffline(again)
  const register = problem.code === 'CITIZEN-03-not-registered' ? ['register'] : []
  const screen = show('trouble', wordsOf(problem), [...register, ...(again ? ['again'] : [])])
  if (again) screen.on('again', again)
}

export function showOffline(again: (() => unknown) | undefined): void {
  const screen = show('offline')
  const retry = () => (screen.shown() ? (again ?? (() => location.reload()))() : undefined)
  screen.on('again', retry)
  const connected = () => void retry()
  window.addEventListener('online', connected)
  screen.whenLeft(() => window.removeEventListener('online', connected))
}
