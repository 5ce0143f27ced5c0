import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import type { EphemeralStore } from '../store/port.ts'
import type { PageProblem } from '../views/views.ts'
import type { PageModel } from './reply.ts'

/** What a form was answered that was not right. JSON. */
export interface SaidAgain {
  readonly problems: readonly PageProblem[]
  /** Of the harmless fields. */
  readonly values?: Readonly<Record<string, string>> | undefined
  /** For the template. */
  readonly model?: object | undefined
  readonly status: number
}

interface Kept extends SaidAgain {
  /** Digest of the browser's cookie. */
  readonly browser: string | undefined
  readonly path: string
}

export interface SaidAgainParts {
  readonly store: EphemeralStore
  readonly clock: Clock
  readonly random: Random
}

/** Seconds that a page says it when it is loaded again. */
const kept = 15 * 60
const keyOf = (id: string): string => `said:${id}`

/**
 * Leads from a form that was not right to its page, which then says so (`saidAgain`). A page that answered the form itself
 * would send it again when it is loaded again, and cost the citizen a try that they did not make; and "back" would find a
 * page that the browser does not show again.
 * @param path of the page, without a query.
 */
export async function sayAgainAt(
  { store, clock, random }: SaidAgainParts,
  reply: FastifyReply,
  path: string,
  said: SaidAgain,
): Promise<FastifyReply> {
  const id = random.token(16)
  const { browser } = reply.request.visit
  await store.set(keyOf(id), { ...said, browser, path } satisfies Kept, clock.in(kept))
  return reply.redirect(`${path}?said=${id}`, 303)
}

/** As a page's template takes it. */
export const modelOf = (said: SaidAgain | undefined): PageModel =>
  said ? { problems: said.problems, ...(said.values && { values: said.values }), ...said.model } : {}

/** What this page has to say of a form that came before: nothing in another browser, on another page, or too late. */
export async function saidAgain(
  { store }: Pick<SaidAgainParts, 'store'>,
  request: FastifyRequest,
): Promise<SaidAgain | undefined> {
  const { said: id } = request.query as { readonly said?: unknown }
  if (typeof id !== 'string' || !/^[\w-]{22}$/.test(id)) return undefined
  const found = (await store.get<Kept>(keyOf(id)))?.value
  const [path] = request.url.split('?')
  return found && found.browser === request.visit.browser && found.path === path ? found : undefined
}
