import { Type } from 'typebox'
import { methodNames, parseDocument } from '../citizen/index.ts'
import type { App } from '../platform/index.ts'
import { refusals, type RefusalCode } from '../refusal/index.ts'
import type { NextLogin } from './next-login.ts'
import type { SandboxParts } from './parts.ts'

const api = { config: { api: true, csrf: false } } as const
const path = '/sandbox/api/next-login'

type Wish = Readonly<Partial<Record<'citizen' | 'method' | 'rp' | 'outcome', string | undefined>>>
type Unknown = { readonly field: keyof Wish; readonly detail: string }

/** The logins without a page that are pending, by JSON (sandbox.md, `next-login`) and by the forms of the page. */
export function nextLoginRoutes(app: App, parts: SandboxParts): void {
  const text = Type.Optional(Type.String())
  const body = Type.Object({ citizen: text, method: text, rp: text, outcome: text })
  app.get(path, api, () => parts.nextLogins.pending())
  app.post(path, { ...api, schema: { body } }, async ({ body: wish }, reply) => {
    const login = await readWish(parts, wish)
    if ('field' in login) return reply.problem({ status: 422, title: 'Unknown value', ...login })
    return { id: await parts.nextLogins.put(wish.rp, login) }
  })
  const params = Type.Object({ id: Type.String() })
  app.delete(`${path}/:id`, { ...api, schema: { params } }, async ({ params: { id } }, reply) => {
    if (await parts.nextLogins.cancel(id)) return reply.code(204).send()
    const detail = `No login with the id "${id}" is pending: it was taken, replaced or cancelled, or it has lapsed.`
    return reply.problem({ status: 404, title: 'Nothing pending', detail })
  })

  app.post('/sandbox/next-login', { schema: { body } }, async ({ body }, reply) => {
    const rp = body.rp || undefined
    const login = await readWish(parts, { ...body, rp, outcome: body.outcome || undefined })
    if (!('field' in login)) await parts.nextLogins.put(rp, login)
    return reply.redirect(`/sandbox?next=${'field' in login ? 'unknown' : 'set'}#next-login`, 303)
  })
  const cancelled = Type.Object({ id: Type.String() })
  app.post('/sandbox/next-login/cancel', { schema: { body: cancelled } }, async ({ body: { id } }, reply) => {
    const told = (await parts.nextLogins.cancel(id)) ? 'cancelled' : 'gone'
    return reply.redirect(`/sandbox?next=${told}#next-login`, 303)
  })
}

/** What the page says when it comes back from one of its forms. */
export const nextTold = ['set', 'unknown', 'cancelled', 'gone'] as const

async function readWish(parts: SandboxParts, wish: Wish): Promise<NextLogin | Unknown> {
  if (wish.rp !== undefined && !(await parts.relyingParties.find(wish.rp)))
    return { field: 'rp', detail: `No relying party has the id "${wish.rp}".` }
  const { outcome } = wish
  if (outcome !== undefined && !isRefusalCode(outcome))
    return { field: 'outcome', detail: `One of: ${Object.keys(refusals).join(', ')}.` }
  const who = outcome === undefined || wish.citizen ? await readCitizen(parts, wish.citizen ?? '') : undefined
  if (who && 'field' in who) return who
  const method = methodNames.find((name) => name === wish.method && parts.methods.includes(name))
  if (method === undefined && (outcome === undefined || wish.method))
    return { field: 'method', detail: `One of: ${parts.methods.join(', ')}.` }
  return outcome === undefined ? { ...who!, method: method! } : { outcome }
}

async function readCitizen(
  parts: SandboxParts,
  text: string,
): Promise<{ readonly citizen: string; readonly document: string } | Unknown> {
  const read = parseDocument(text)
  const citizen = await parts.citizenId(text)
  if ('wrong' in read || citizen === undefined)
    return { field: 'citizen', detail: 'The document of a test citizen, e.g. 99999999R.' }
  return { citizen, document: read.document }
}

const isRefusalCode = (text: string): text is RefusalCode => Object.hasOwn(refusals, text)
