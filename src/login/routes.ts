import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { blank, incidentOf, modelOf, saidAgain, sayAgainAt, type App, type PageModel } from '../platform/index.ts'
import { refusal } from '../refusal/index.ts'

import { sayExpired, sayGone } from './ended-pages.ts'
import { frameOf, secondsLeft } from './frame.ts'
import { leaveMethod } from './leave-method.ts'
import { moveLogin } from './move-login.ts'
import { askNews, followNews } from './news-routes.ts'
import { noteIdentified, noteRefused } from './note-ending.ts'
import { isOpen, standing, type Again, type Move, type Page, type Turn } from './page.ts'
import type { Pages } from './pages.ts'
import type { LoginParts } from './parts.ts'
import { findLogin, formerOf, isExpired, movedTo, type LoginRecord } from './record.ts'

const params = Type.Object({ id: Type.String() })
type Params = { readonly id: string }
type Handler = (turn: Turn, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

interface Site {
  readonly parts: LoginParts
  readonly pages: Pages
}

/** Mounts every page of the table below /login/:id. */
export function mountLogin(parts: LoginParts, pages: Pages, app: App): void {
  const site: Site = { parts, pages }
  const config = { formTargets: 'agencies' } as const
  const led: Handler = async ({ login }, _request, reply) => lead(site, login, reply)
  app.get('/login/:id', { schema: { params }, config }, inTurn(site, led))
  for (const page of site.pages.all) {
    const url = `/login/:id${page.path}`
    if (page.template) app.get(url, { schema: { params }, config }, inTurn(site, get(site, page)))
    if (page.news) {
      app.get(`${url}/news`, { schema: { params }, config: { api: true } }, inTurn(site, askNews(page, page.news)))
      app.get(`${url}/events`, { schema: { params }, config: { api: true } }, inTurn(site, followNews(page, page.news)))
    }
    const schema = { params, ...(page.form && { body: page.form }) }
    // A form that does not fit is only looked at once the login is found to stand here.
    app.post(url, { schema, config, attachValidation: true }, inTurn(site, post(site, page)))
  }
}

/** Lets only the browser that began a login reach it, while it is alive; everyone else gets a page that explains. */
function inTurn({ parts }: Site, handle: Handler) {
  return async (request: FastifyRequest<{ Params: Params }>, reply: FastifyReply): Promise<FastifyReply> => {
    const { id } = request.params
    const entry = await findLogin(parts, id)
    if (!entry) return sayGone(parts, id, reply)
    const { login } = entry
    const { visit } = request
    if (login.browser !== visit.browser) return reply.refuse(refusal('LOGIN-03-other-browser'))
    request.suggestedLocale = login.request.locale
    if (isExpired(parts, login)) return sayExpired(login, reply)
    return handle({ entry, login, visit, locale: request.locale }, request, reply)
  }
}

const get =
  (site: Site, page: Page): Handler =>
  async (turn, _request, reply) =>
    isOpen(page, turn.login) ? show(site, page, turn, reply) : lead(site, turn.login, reply)

const post =
  (site: Site, page: Page): Handler =>
  async (turn, request, reply) => {
    if (!isOpen(page, turn.login)) return lead(site, turn.login, reply)
    if (request.validationError) throw request.validationError
    const answer = await page.submit(turn, request.body)
    if ('to' in answer) return move(site, page, turn, answer, reply)
    if ('again' in answer) return showAgain(site, page, turn, answer, reply)
    if ('expires' in answer) return extend(site, turn, answer.expires, request, reply)
    return lead(site, await latest(site, turn), reply)
  }

/** Whoever moves the login goes on with it; whoever was slower is led to where it stands now. */
async function move(site: Site, page: Page, turn: Turn, answer: Move, reply: FastifyReply): Promise<FastifyReply> {
  const { to, tried, won } = answer
  const follower = standing(to)
  if (!page.leadsTo.includes(follower)) throw new Error(`login: ${page.name} does not lead to ${follower}`)
  const noted = await noteIdentified(site.parts, turn.login, to, turn.visit)
  const moved = await moveLogin(site.parts, turn.entry, (login) => movedTo(login, noted))
  if (moved.won) {
    await won?.(reply, formerOf(noted))
    await noteRefused(site.parts, turn.login, to, turn.visit, tried)
    await leaveMethod(site.parts, turn, to)
  }
  return lead(site, moved.login ?? turn.login, reply)
}

async function showAgain(
  site: Site,
  page: Page,
  turn: Turn,
  answer: Again,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { again: problems, at, values, status = 422 } = answer
  if (at) {
    const { login, won } = await moveLogin(site.parts, turn.entry, (login) => movedTo(login, at))
    if (!won || !login) return lead(site, login ?? turn.login, reply)
  }
  return sayAgainAt(site.parts, reply, site.pages.urlOf(turn.login, page.name), { problems, values, status })
}

async function extend(
  site: Site,
  turn: Turn,
  expires: number,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const moved = await moveLogin(site.parts, turn.entry, (login) => ({ ...login, expires }))
  const login = moved.login ?? turn.login
  const { page: name } = request.query as { page?: unknown }
  const page = site.pages.all.find((page) => page.name === name && page.template && isOpen(page, login))
  // A script that goes on without losing what was typed.
  if (request.headers.accept === 'application/json') return reply.send({ seconds: secondsLeft(site.parts, login) })
  return page ? reply.redirect(site.pages.urlOf(login, page.name), 303) : lead(site, login, reply)
}

async function show(site: Site, page: Page, turn: Turn, reply: FastifyReply): Promise<FastifyReply> {
  const said = await saidAgain(site.parts, reply.request)
  const shown = await page.show(turn)
  if ('instead' in shown) return reply.redirect(site.pages.urlOf(turn.login, shown.instead), 303)
  const model: PageModel = {
    ...frameOf(site.parts, site.pages, page, turn.login),
    incident: blank(incidentOf(reply.request)),
    ...shown.model,
    ...modelOf(said),
  }
  const stencil = page.stencil === true && said === undefined && isEmpty(model['values'])
  return reply.page(page.template ?? '', { ...model, stencil }, said?.status ?? shown.status)
}

/** Nothing that somebody typed, or an agency told of them. */
const isEmpty = (values: unknown): boolean => Object.keys(values as object).length === 0

const lead = ({ pages }: Site, login: LoginRecord, reply: FastifyReply): FastifyReply =>
  reply.redirect(pages.where(login), 303)

const latest = async ({ parts }: Site, { login }: Turn): Promise<LoginRecord> =>
  (await findLogin(parts, login.id))?.login ?? login
