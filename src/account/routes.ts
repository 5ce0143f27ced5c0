import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { modelOf, saidAgain, sayAgainAt, type App } from '../platform/index.ts'
import { isRefusal } from '../refusal/index.ts'
import { mountDoor } from './door.ts'
import { fits, frameOf, toldIn } from './frame.ts'
import { admit, leadAgain } from './guard.ts'
import { mountLeave } from './leave.ts'
import type { Answer, Download, Form, Page, Turn } from './page.ts'
import { addressOf, tableOf, type Table } from './pages.ts'
import type { AccountParts } from './parts.ts'
import { mountRenunciaReceipt } from './renuncia-page.ts'

interface Site {
  readonly parts: AccountParts
  readonly table: Table
}

// Leaving leads through agencies' addresses, and every page has its button.
const config = { formTargets: 'agencies' } as const
// Their values stand in addresses to which a login leads back.
const paramsOf = (path: string) =>
  Type.Object(
    Object.fromEntries(
      [...path.matchAll(/:(\w+)/g)].map(([, name]) => [name, Type.String({ pattern: '^[\\w-]{1,40}$' })]),
    ),
  )

/** Mounts Mi Cl@ve: every page, form and download of the table, the way in and the way out. */
export function mountAccount(parts: AccountParts, app: App): void {
  const site: Site = { parts, table: tableOf(parts) }
  mountDoor(parts, app)
  mountLeave(parts, app)
  mountRenunciaReceipt(parts, app)
  for (const page of site.table.pages)
    app.get(`/account${page.path}`, { schema: { params: paramsOf(page.path) }, config }, getPage(site, page))
  for (const form of site.table.forms) {
    const page = site.table.pages.find(({ path }) => path === form.page)
    if (!page) throw new Error(`account: the form ${form.path} stands on no page`)
    const schema = { params: paramsOf(form.path), ...(form.form && { body: form.form }) }
    app.post(`/account${form.path}`, { schema, config, attachValidation: true }, postForm(site, form, page))
  }
  // A HEAD would take what is there once, and tell of a download that nobody got.
  for (const download of site.table.downloads)
    app.get(`/account${download.path}`, { exposeHeadRoute: false }, getDownload(site, download))
}

const getPage = (site: Site, page: Page) => async (request: FastifyRequest, reply: FastifyReply) => {
  const admitted = await admit(site.parts, page.surety, addressOf(page.path, request.params), request, reply)
  return 'instead' in admitted ? admitted.instead : show(site, page, admitted.turn, reply)
}

/** What was sent is only looked at once it is known who sent it, and from whose page. */
const postForm = (site: Site, form: Form, page: Page) => async (request: FastifyRequest, reply: FastifyReply) => {
  if (request.validationError?.validationContext === 'params') throw request.validationError
  const here = addressOf(page.path, request.params)
  const admitted = await admit(site.parts, page.surety, here, request, reply)
  if ('instead' in admitted) return admitted.instead
  const { turn } = admitted
  if (!fits(site.parts, turn, request.body)) return lead(site, turn, here, 'otherPerson', reply)
  if (request.validationError) throw request.validationError
  return answer(site, page, turn, await form.submit(turn, request.body), reply)
}

const getDownload = (site: Site, download: Download) => async (request: FastifyRequest, reply: FastifyReply) => {
  const admitted = await admit(site.parts, download.surety, addressOf(download.path, {}), request, reply)
  if ('instead' in admitted) return admitted.instead
  const file = await download.file(admitted.turn)
  if (isRefusal(file)) return reply.refuse(file)
  return reply.header('content-disposition', `attachment; filename="${file.name}"`).type(file.type).send(file.content)
}

async function answer(site: Site, page: Page, turn: Turn, said: Answer, reply: FastifyReply): Promise<FastifyReply> {
  if (isRefusal(said))
    return reply.refuse(said, { template: 'account/views/refusal.njk', to: addressOf(page.path, turn.params) })
  if ('ask' in said) return ask(site, page, turn, reply)
  if ('to' in said) return lead(site, turn, `/account${said.to}`, said.told, reply)
  if ('again' in said) {
    const { again: problems, status = 422, ...more } = said
    return sayAgainAt(site.parts, reply, addressOf(page.path, turn.params), { problems, status, ...more })
  }
  if (said.leave) await site.parts.login.leave(reply.request.visit, reply)
  // It cannot be loaded again, in whatever language.
  const frame = said.leave ? {} : frameOf(site.parts, site.table, turn, page)
  return reply.page(said.page, { ...frame, languages: [], ...said.model })
}

function lead(site: Site, turn: Turn, to: string, told: string | undefined, reply: FastifyReply): FastifyReply {
  return reply.redirect(told === undefined ? to : `${to}?told=${toldIn(site.parts, turn, told)}`, 303)
}

const ask = ({ parts }: Site, page: Page, { citizen, params }: Turn, reply: FastifyReply): Promise<FastifyReply> =>
  leadAgain(parts, citizen, addressOf(page.path, params), reply.request, reply)

async function show(site: Site, page: Page, turn: Turn, reply: FastifyReply): Promise<FastifyReply> {
  const shown = await page.show(turn)
  if ('ask' in shown) return ask(site, page, turn, reply)
  if ('instead' in shown) return reply.redirect(`/account${shown.instead}`, 303)
  const frame = frameOf(site.parts, site.table, turn, page)
  const said = await saidAgain(site.parts, reply.request)
  return reply.page(page.template, { ...frame, values: {}, ...shown.model, ...modelOf(said) }, said?.status)
}
