import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../http/http.ts'
import { incidentOf } from '../http/reply.ts'
import { modelOf, saidAgain, sayAgainAt } from '../http/said-again.ts'
import type { Again, JourneyAnswer, JourneyPage, JourneyTable, JourneyTurn, Lost } from './page.ts'
import type { Shown, StartPage, StartTurn } from './page.ts'
import * as record from './record.ts'
import type { Entry, Journey, JourneyParts, Ledger, Standing } from './record.ts'

/** A room's journeys: what it says of them, and where they lie. */
interface Site extends JourneyTable, Ledger {}

/** A request that was let in. */
interface Here {
  readonly site: Site
  readonly entry: Entry
  readonly turn: JourneyTurn
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}
type Handler = (here: Here) => Promise<FastifyReply>

/** Mounts every page of the table, "I need more time" and, where a journey can be given up, the way out. */
export function mountJourneys<At extends Standing>(parts: JourneyParts, table: JourneyTable<At>, app: App): void {
  const { store, clock, random } = parts
  const { base, leaveTo } = table
  const foundBy = base.endsWith('/:id') ? 'id' : 'browser'
  const site: Site = { ...table, store, clock, random, foundBy }
  for (const start of table.starts) mountStart(site, start, app)
  if (foundBy === 'id') app.get(base, inTurn(site, led))
  for (const page of table.pages) {
    const url = `${base}${page.path}`
    if (page.template !== undefined) app.get(url, inTurn(site, get(page), page.without))
    if (!page.submit) continue
    // A form that does not fit is only looked at once the journey is found to stand here.
    app.post(url, { schema: page.form ? { body: page.form } : {}, attachValidation: true }, inTurn(site, post(page)))
  }
  app.post(`${base}/more-time`, inTurn(site, moreTime))
  if (leaveTo !== undefined) app.post(`${base}/leave`, leave(site, leaveTo))
}

/** Mounts a page where journeys begin: the one whose form is right is kept, and leads on. */
function mountStart(site: Site, start: StartPage, app: App): void {
  const { path, template, form, submit } = start
  const begin = (request: FastifyRequest) => {
    // A form was let in by the browser's token, so there is a browser; a page that is only looked at needs none.
    const turn = turnOf(request, record.newJourney(site, start.begins, request.visit.browser ?? ''))
    const show = async (reply: FastifyReply) => sayPage(site, reply, template, { action: path }, await start.show(turn))
    return { turn, show }
  }
  app.get(path, (request, reply) => begin(request).show(reply))
  if (!submit) return
  app.post(path, { schema: form ? { body: form } : {} }, async (request, reply) => {
    const { turn } = begin(request)
    const answer = await submit.call(start, turn, request.body)
    if ('again' in answer) return sayAgain(site, reply, path, answer)
    if ('refused' in answer) return reply.refuse(answer, site.refusals)
    checkLead(site, start, answer.to)
    const journey = { ...turn.journey, at: answer.to }
    await record.beginJourney(site, journey)
    return lead(site, journey, reply)
  })
}

const find = (site: Site, { params, visit }: FastifyRequest) =>
  record.findJourney(site, site.foundBy === 'id' ? (params as { readonly id: string }).id : visit.browser)

/** Lets only the browser that began a journey reach it, while it is alive; everyone else gets a page that explains. */
function inTurn(site: Site, handle: Handler, without?: string) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const entry = await find(site, request)
    if (!entry) return without === undefined ? sayLost(site, 'unknown', reply) : reply.redirect(without, 303)
    const { journey } = entry
    if (journey.browser !== request.visit.browser) return sayLost(site, 'foreign', reply)
    if (isOver(site, journey)) return sayLost(site, 'expired', reply, journey)
    return handle({ site, entry, turn: turnOf(request, journey), request, reply })
  }
}

const isAtEnd = ({ ends }: Site, { at }: Journey): boolean => ends.states.includes(at.page)

const isOver = (site: Site, journey: Journey): boolean =>
  record.secondsLeft(site, journey) <= 0 && (site.ends.lapse || !isAtEnd(site, journey))

const isOpen = ({ states }: JourneyPage, { at }: Journey): boolean => states.includes(at.page)

/** Whoever comes to another page (the back button, a second tab) is led to where the journey stands. */
const led = async ({ site, turn, reply }: Here): Promise<FastifyReply> => lead(site, turn.journey, reply)

const get =
  (page: JourneyPage): Handler =>
  async (here) =>
    isOpen(page, here.turn.journey) ? show(here, page) : led(here)

const post =
  (page: JourneyPage): Handler =>
  async (here) => {
    const { site, turn, request, reply } = here
    // Its own form or nobody's: on another tab of this browser another person's journey may have begun.
    if (site.foundBy === 'browser' && page.form && journeyIn(request.body) !== turn.journey.id)
      return sayLost(site, 'foreign', reply)
    if (!isOpen(page, turn.journey) || !page.submit) return led(here)
    if (request.validationError) throw request.validationError
    const answer = await page.submit(turn, request.body)
    if ('to' in answer) return move(here, page, answer)
    if ('again' in answer) return sayAgain(site, reply, `${baseOf(site, turn.journey.id)}${page.path}`, answer)
    if ('refused' in answer) return reply.refuse(answer, site.refusals)
    return lead(site, (await find(site, request))?.journey ?? turn.journey, reply)
  }

const journeyIn = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'journey' in body ? body.journey : undefined

/** Whoever moves the journey goes on with it; whoever was slower is led to where it stands now. */
async function move(
  { site, entry, reply }: Here,
  page: JourneyPage,
  { to, file }: Extract<JourneyAnswer, { readonly to: Standing }>,
): Promise<FastifyReply> {
  checkLead(site, page, to)
  const { journey, won } = await record.moveJourney(site, entry, (journey) => arrived(site, journey, to))
  if (!journey) return sayLost(site, 'unknown', reply)
  if (!won || !file) return lead(site, journey, reply)
  const disposition = `attachment; filename="${file.name}"`
  return reply.type(file.type).header('content-disposition', disposition).send(file.content)
}

/** What is left to read at an end that lapses is there as long as a journey begins with, however late it was reached. */
function arrived(site: Site, journey: Journey, to: Standing): Journey {
  const moved = { ...journey, at: to }
  return site.ends.lapse && isAtEnd(site, moved) && !isAtEnd(site, journey) ? record.extended(site, moved) : moved
}

async function show({ site, turn, reply }: Here, page: JourneyPage): Promise<FastifyReply> {
  const { journey } = turn
  const base = baseOf(site, journey.id)
  const extend = record.mayBeExtended(site, journey) ? `${base}/more-time?page=${page.name}` : undefined
  const seconds = record.secondsLeft(site, journey)
  const frame = {
    journey: journey.id,
    action: `${base}${page.path}`,
    ...(!isAtEnd(site, journey) && { timeout: { seconds, extend }, leave: site.leaveTo && `${base}/leave` }),
  }
  return sayPage(site, reply, page.template ?? '', frame, await page.show(turn))
}

/** Leads back to the page it was asked on (`?page=`) while that is open; a script goes on without losing what was typed. */
async function moreTime(here: Here): Promise<FastifyReply> {
  const { site, entry, turn, request, reply } = here
  if (isAtEnd(site, turn.journey)) return led(here)
  const moved = await record.moveJourney(site, entry, (journey) => record.extended(site, journey))
  const journey = moved.journey ?? turn.journey
  const seconds = record.secondsLeft(site, journey)
  if (request.headers.accept === 'application/json') return reply.send({ seconds })
  const page = site.pages.find(({ name }) => name === turn.query['page'])
  return lead(site, journey, reply, page?.template !== undefined && isOpen(page, journey) ? page.name : undefined)
}

const leave =
  (site: Site, to: string) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const entry = await find(site, request)
    if (entry && entry.journey.browser === request.visit.browser) await record.dropJourney(site, entry.journey)
    return reply.redirect(to, 303)
  }

function turnOf<Of extends StartTurn['journey']>({ visit, locale, query }: FastifyRequest, journey: Of) {
  const caller = { browser: journey.browser, address: visit.address, session: visit.session }
  return { journey, caller, locale, query: query as StartTurn['query'] }
}

const baseOf = ({ base }: Site, id: string): string => base.replace(':id', id)

/** To where the journey stands, or to a page that is open there. */
function lead(site: Site, journey: Journey, reply: FastifyReply, name = site.pageOf(journey.at)): FastifyReply {
  const page = site.pages.find((page) => page.name === name)
  if (!page) throw new Error(`${site.name}: there is no page ${name}`)
  return reply.redirect(`${baseOf(site, journey.id)}${page.path}`, 303)
}

/** Throws where a page answers with what its row does not say: a mistake of ours. */
function checkLead(
  { name }: Site,
  { path, leadsTo }: { readonly path: string; readonly leadsTo: readonly string[] },
  to: Standing,
): void {
  if (!leadsTo.includes(to.page)) throw new Error(`${name}: ${path} does not lead to ${to.page}`)
}

const sayAgain = (
  site: Site,
  reply: FastifyReply,
  path: string,
  { again: problems, status = 422, ...more }: Again,
): Promise<FastifyReply> => sayAgainAt(site, reply, path, { problems, status, ...more })

/** A page, for the first time or with what was wrong with its form. */
async function sayPage(
  site: Site,
  reply: FastifyReply,
  template: string,
  frame: object,
  shown: Shown,
): Promise<FastifyReply> {
  const said = await saidAgain(site, reply.request)
  const whole = { values: {}, incident: incidentOf(reply.request), ...frame, ...shown.model, ...modelOf(said) }
  return reply.page(template, whole, said?.status ?? shown.status)
}

function sayLost(site: Site, why: Lost, reply: FastifyReply, journey?: Journey): Promise<FastifyReply> {
  const { template, ...shown } = site.lost(why, journey)
  return sayPage(site, reply, template, {}, shown)
}
