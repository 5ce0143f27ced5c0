import { Type } from 'typebox'
import type { Decision } from '../authentication/index.ts'
import { parseDocument } from '../citizen/index.ts'
import type { App } from '../platform/index.ts'
import { isRefusal } from '../refusal/index.ts'
import type { SandboxParts } from './parts.ts'
import type { NotAnswered, PhoneWish } from './phone/answer-request.ts'

const decisions: readonly Decision[] = ['approve', 'deny', 'report']

type Wish = Readonly<Partial<Record<'document' | 'decision' | 'qr', string | undefined>>>
type Unread = { readonly field: 'document' | 'decision'; readonly detail: string }

/** The test phones, by JSON and by hand: `POST /sandbox/api/movil/approve` (sandbox.md), and the form of the page. */
export function movilRoutes(app: App, parts: SandboxParts): void {
  const text = Type.Optional(Type.String({ maxLength: 500 }))
  const body = Type.Object({ document: text, decision: text, qr: text })
  const api = { config: { api: true, csrf: false }, schema: { body } } as const
  app.post('/sandbox/api/movil/approve', api, async ({ body }, reply) => {
    const wish = await readWish(parts, body)
    if ('field' in wish) return reply.problem({ status: 422, title: 'Unknown value', ...wish })
    const answer = await parts.answerRequest(wish)
    if (typeof answer === 'string') return reply.problem(problems[answer](wish.document))
    return isRefusal(answer) ? reply.refuse(answer) : answer
  })
  app.post('/sandbox/movil', { schema: { body } }, async ({ body }, reply) => {
    const wish = await readWish(parts, { ...body, qr: body.qr === '' ? undefined : body.qr })
    const answer = 'field' in wish ? 'nothing-waits' : await parts.answerRequest(wish)
    if (isRefusal(answer)) return reply.refuse(answer)
    const told = typeof answer === 'string' ? answer : answer.decision
    return reply.redirect(`/sandbox?phone=${told}#movil`, 303)
  })
}

/** What the page says when it comes back from its form. */
export const phoneTold: readonly string[] = [...decisions, 'no-device', 'other-device', 'nothing-waits']

async function readWish(
  parts: SandboxParts,
  { document: typed = '', decision, qr }: Wish,
): Promise<PhoneWish | Unread> {
  const citizen = await parts.citizenId(typed)
  const read = parseDocument(typed)
  if (citizen === undefined || 'wrong' in read)
    return { field: 'document', detail: 'The document of a test citizen, e.g. 99999999R.' }
  const known = decisions.find((one) => one === decision)
  if (!known) return { field: 'decision', detail: `One of: ${decisions.join(', ')}.` }
  return { document: read.document, citizen, decision: known, qr }
}

const problems: Record<NotAnswered, (document: string) => { status: number; title: string; detail: string }> = {
  'nothing-waits': (document) => ({
    status: 404,
    title: 'Nothing waits',
    detail: `Nothing waits for ${document}: identify at a login first, or hand in the address that its QR says as qr.`,
  }),
  'no-device': (document) => ({
    status: 409,
    title: 'No device',
    detail: `${document} has no device with Cl@ve Móvil; GET /sandbox/api/citizens says who has.`,
  }),
  'other-device': (document) => ({
    status: 409,
    title: 'Another device',
    detail: `The device of ${document} is not the test device any more: another was activated. POST /sandbox/api/reset brings it back.`,
  }),
}
