import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../platform/index.ts'
import { refusal, refusalRow, type Refusal } from '../refusal/index.ts'
import type { IdentifyParts } from './identify-person.ts'
import { dropJourney, findJourney, isExpired, latestEnd, moveJourney, type At, type Journey } from './journey.ts'
import type { Again, Answer, Page, Turn } from './page.ts'
import { urlOf, whereIs } from './pages.ts'
import { mountStart, startWithLetter } from './start-page.ts'

type Handler = (turn: Turn, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

interface Site {
  readonly parts: IdentifyParts
  readonly pages: readonly Page[]
}

/** Mounts every page of the table below /register. */
export function mountRegistration(parts: IdentifyParts, pages: readonly Page[], app: App): void {
  const site: Site = { parts, pages }
  mountStart(parts, app)
  for (const page of pages) {
    const url = `/register${page.path}`
    if (page.template) app.get(url, inTurn(site, page, get(site, page)))
    if (!page.submit) continue
    // A form that does not fit is only looked at once the registration is found to stand here.
    const schema = page.form ? { body: page.form } : {}
    app.post(url, { schema, attachValidation: true }, inTurn(site, page, post(site, page)))
  }
  app.post('/register/leave', async ({ visit }, reply) => {
    if (visit.browser !== undefined) await dropJourney(parts, visit.browser)
    return reply.redirect('/register', 303)
  })
}

/** Finds this browser's registration; who has none, or none that is alive, gets a page that explains. */
function inTurn({ parts }: Site, page: Page, handle: Handler) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { visit, locale } = request
    const entry = await findJourney(parts, visit.browser)
    if (!entry && page.name === 'letter' && request.method === 'GET') return reply.redirect(startWithLetter, 303)
    if (!entry || isExpired(parts, entry.journey)) return sayEnded(refusal('REGISTER-13-expired'), reply)
    const { journey } = entry
    const caller = { browser: journey.browser, address: visit.address }
    return handle({ entry, journey, caller, locale }, request, reply)
  }
}

const get =
  (site: Site, page: Page): Handler =>
  async (turn, _request, reply) =>
    isOpen(page, turn.journey) ? show(site, page, turn, reply) : lead(site, turn.journey, reply)

const post =
  (site: Site, page: Page): Handler =>
  async (turn, request, reply) => {
    // Its own form or nobody's: on another tab another person may be registering.
    if (page.form && journeyIn(request.body) !== turn.journey.id)
      return sayEnded(refusal('REGISTER-14-another-begun'), reply)
    if (!isOpen(page, turn.journey) || !page.submit) return lead(site, turn.journey, reply)
    if (request.validationError) throw request.validationError
    const answer = await page.submit(turn, request.body)
    if ('to' in answer) return move(site, page, turn, answer, reply)
    if ('again' in answer) return showAgain(site, page, turn, answer, reply)
    if ('expires' in answer) return extend(site, turn, answer.expires, request, reply)
    return lead(site, (await findJourney(site.parts, turn.journey.browser))?.journey ?? turn.journey, reply)
  }

const isOpen = (page: Page, { at }: Journey): boolean => page.states.includes(at.page)

const journeyIn = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'journey' in body ? body.journey : undefined

/** Whoever moves the registration goes on with it; whoever was slower is led to where it stands now. */
async function move(
  site: Site,
  page: Page,
  turn: Turn,
  { to, file }: Extract<Answer, { to: At }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!page.leadsTo.includes(to.page)) throw new Error(`registration: ${page.name} does not lead to ${to.page}`)
  const { journey, won } = await moveJourney(site.parts, turn.entry, (journey) => ({ ...journey, at: to }))
  if (!won || !file) return journey ? lead(site, journey, reply) : sayEnded(refusal('REGISTER-13-expired'), reply)
  return reply
    .type('application/pdf')
    .header('content-disposition', `attachment; filename="${file.name}"`)
    .send(file.content)
}

const showAgain = (site: Site, page: Page, turn: Turn, answer: Again, reply: FastifyReply): Promise<FastifyReply> => {
  const { again, values = {}, status = 422, model } = answer
  return show(site, page, turn, reply, { ...model, problems: again, values }, status)
}

async function show(
  { parts, pages }: Site,
  page: Page,
  turn: Turn,
  reply: FastifyReply,
  more: object = {},
  status?: number,
): Promise<FastifyReply> {
  const shown = await page.show(turn)
  const { journey } = turn
  const extendable = journey.expires < latestEnd(parts, journey)
  const frame = {
    journey: journey.id,
    action: urlOf(pages, page.name),
    leave: '/register/leave',
    values: {},
    incident: reply.request.id.slice(0, 12),
    timeout: {
      seconds: secondsLeft(parts, journey),
      extend: extendable ? `${urlOf(pages, 'more-time')}?page=${page.name}` : undefined,
    },
  }
  return reply.page(page.template ?? '', { ...frame, ...shown.model, ...more }, status ?? shown.status)
}

async function extend(
  site: Site,
  turn: Turn,
  expires: number,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const moved = await moveJourney(site.parts, turn.entry, (journey) => ({ ...journey, expires }))
  const journey = moved.journey ?? turn.journey
  // A script that goes on without losing what was typed.
  if (request.headers.accept === 'application/json') return reply.send({ seconds: secondsLeft(site.parts, journey) })
  const { page: name } = request.query as { page?: unknown }
  const page = site.pages.find((page) => page.name === name && page.template && isOpen(page, journey))
  return page ? reply.redirect(urlOf(site.pages, page.name), 303) : lead(site, journey, reply)
}

const lead = ({ pages }: Site, journey: Journey, reply: FastifyReply): FastifyReply =>
  reply.redirect(whereIs(pages, journey), 303)

function sayEnded({ refused }: Refusal, reply: FastifyReply): FastifyReply {
  const model = { refusal: { code: refused }, incident: reply.request.id.slice(0, 12) }
  return reply.page('registration/views/refused.njk', model, refusalRow(refused).http)
}

const secondsLeft = ({ clock }: IdentifyParts, { expires }: Journey): number =>
  Math.ceil((expires - clock.now().getTime()) / 1000)
