import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { App } from '../../../platform/index.ts'
import { isRefusal } from '../../../refusal/index.ts'
import { addJourney, findJourney, isOver, latestEnd, newId, swapJourney, type Entry, type Journey } from './journey.ts'
import type { Answer, Page, Turn } from './page.ts'
import { addressOf, pagesOf } from './pages.ts'
import type { Caller, LifeParts } from './parts.ts'

const params = Type.Object({ id: Type.String() })
type WithId = FastifyRequest<{ Params: { readonly id: string } }>
type Handler = (turn: Turn, entry: Entry, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** Mounts every page of the table. */
export function mountLife(parts: LifeParts, app: App): void {
  const pages = pagesOf(parts)
  for (const page of pages.filter(({ state }) => state === 'start')) mountStart(parts, page, app)
  app.get('/permanente/:id', { schema: { params } }, inTurn(parts, led))
  for (const page of pages.filter(({ state }) => state !== 'start')) {
    const url = `/permanente/:id${page.path}`
    app.get(url, { schema: { params } }, inTurn(parts, here(page, get(parts, page))))
    if (!page.form) continue
    app.post(url, { schema: { params, body: page.form } }, inTurn(parts, here(page, post(parts, page))))
  }
  app.post('/permanente/:id/more-time', { schema: { params } }, inTurn(parts, moreTime(parts)))
}

/** Nothing is kept before the first page was right, so there is nothing to be lost, or to be led to. */
function mountStart(parts: LifeParts, page: Page, app: App): void {
  app.get(page.path, async (request, reply) => show(parts, page, beginning(parts, page, request), reply))
  const { submit, form } = page
  if (!submit || !form) return
  app.post(page.path, { schema: { body: form } }, async (request, reply) => {
    const turn = beginning(parts, page, request)
    const answer = await submit(turn, request.body)
    if (!('to' in answer)) return sayAnswer(parts, page, turn, answer, reply)
    const journey = { ...turn.journey, at: answer.to }
    await addJourney(parts, journey)
    return reply.redirect(addressOf(journey.id, journey.at), 303)
  })
}

function beginning(parts: LifeParts, page: Page, request: FastifyRequest): Turn {
  const caller = callerOf(request)
  const begun = parts.clock.now().getTime()
  const expires = begun + parts.limits.loginLifetime * 1000
  const kind = page.begins ?? 'recover'
  return { caller, journey: { id: newId(parts), kind, browser: caller.browser, begun, expires, at: { page: 'start' } } }
}

/** A form was let in by the browser's token, so there is a browser; a page that is only looked at needs none. */
const callerOf = ({ visit, locale }: FastifyRequest): Caller => ({
  browser: visit.browser ?? '',
  address: visit.address,
  session: visit.session,
  locale,
})

/** Lets only the browser that began a journey reach it, while it is alive; everyone else gets a page that explains. */
function inTurn(parts: LifeParts, handle: Handler) {
  return async (request: WithId, reply: FastifyReply): Promise<FastifyReply> => {
    const entry = await findJourney(parts, request.params.id)
    if (!entry) return explain(reply, 'unknown', 404)
    const { journey } = entry
    if (journey.browser !== request.visit.browser) return explain(reply, 'otherBrowser', 403)
    if (isOver(parts, journey)) return explain(reply, 'expired', 410, journey)
    return handle({ journey, caller: callerOf(request) }, entry, request, reply)
  }
}

const explain = (reply: FastifyReply, why: 'unknown' | 'otherBrowser' | 'expired', status: number, journey?: Journey) =>
  reply.page('authentication/permanente/life/views/ended.njk', { why, kind: journey?.kind ?? 'recover' }, status)

/** Whoever comes to another page (the back button, a second tab) is led to where the journey stands. */
const here =
  (page: Page, handle: Handler): Handler =>
  (turn, entry, request, reply) =>
    turn.journey.at.page === page.state ? handle(turn, entry, request, reply) : led(turn, entry, request, reply)

const led: Handler = async ({ journey }, _entry, _request, reply) => lead(journey, reply)
const lead = ({ id, at }: Journey, reply: FastifyReply) => reply.redirect(addressOf(id, at), 303)

const get =
  (parts: LifeParts, page: Page): Handler =>
  async (turn, _entry, _request, reply) =>
    show(parts, page, turn, reply)

const post =
  (parts: LifeParts, page: Page): Handler =>
  async (turn, entry, request, reply) => {
    const answer = (await page.submit?.(turn, request.body)) ?? { moved: true }
    if ('to' in answer) return move(parts, entry, { ...turn.journey, at: answer.to }, reply)
    return sayAnswer(parts, page, turn, answer, reply)
  }

/** Whoever was slower is led to where the journey stands now. */
async function move(parts: LifeParts, entry: Entry, next: Journey, reply: FastifyReply): Promise<FastifyReply> {
  if (await swapJourney(parts, entry, next)) return lead(next, reply)
  const now = await findJourney(parts, next.id)
  // Another request only gave it more time: it still stands where it stood.
  if (now && now.journey.at.page === entry.journey.at.page && now.journey.expires !== entry.journey.expires)
    return move(parts, now, { ...now.journey, at: next.at }, reply)
  return lead(now?.journey ?? next, reply)
}

async function sayAnswer(
  parts: LifeParts,
  page: Page,
  turn: Turn,
  answer: Exclude<Answer, { readonly to: unknown }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (isRefusal(answer)) return reply.refuse(answer, { template: 'authentication/permanente/life/views/refused.njk' })
  if ('moved' in answer) return lead((await findJourney(parts, turn.journey.id))?.journey ?? turn.journey, reply)
  const { again, values, model, status = 422 } = answer
  return show(parts, page, turn, reply, { problems: again, ...(values && { values }), ...model }, status)
}

async function show(
  parts: LifeParts,
  page: Page,
  turn: Turn,
  reply: FastifyReply,
  more?: Readonly<Record<string, unknown>>,
  status?: number,
): Promise<FastifyReply> {
  const { journey } = turn
  const begun = page.state === 'code' || page.state === 'password'
  const model = {
    values: {},
    action: journey.at.page === 'start' ? page.path : addressOf(journey.id, journey.at),
    timeout: begun ? timeoutOf(parts, journey) : undefined,
    ...(await page.show(turn)),
    ...more,
  }
  return reply.page(page.template, model, status)
}

const timeoutOf = (parts: LifeParts, journey: Journey) => ({
  seconds: secondsLeft(parts, journey),
  extend: journey.expires < latestEnd(parts, journey) ? `/permanente/${journey.id}/more-time` : undefined,
})

const secondsLeft = ({ clock }: LifeParts, { expires }: Journey): number =>
  Math.ceil((expires - clock.now().getTime()) / 1000)

/** As much as a journey begins with, but never beyond the longest that one may take. */
const moreTime =
  (parts: LifeParts): Handler =>
  async ({ journey }, entry, request, reply) => {
    const more = parts.clock.in(parts.limits.loginLifetime).getTime()
    const extended = { ...journey, expires: Math.min(more, latestEnd(parts, journey)) }
    const now = (await swapJourney(parts, entry, extended))
      ? extended
      : ((await findJourney(parts, journey.id))?.journey ?? journey)
    // A script that goes on without losing what was typed.
    if (request.headers.accept === 'application/json') return reply.send({ seconds: secondsLeft(parts, now) })
    return lead(now, reply)
  }
