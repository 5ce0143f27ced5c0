import { Type } from 'typebox'
import { refusalRow } from '../refusal/index.ts'
import { openCode } from './journey.ts'
import { atOf, type Answer, type Page, type Turn } from './page.ts'
import type { RegistrationParts } from './parts.ts'
import { makeReceipt } from './receipt.ts'

const form = Type.Object({ journey: Type.String({ maxLength: 100 }) })

/** Registered: what can be done now, and the receipt. */
export const donePage: Page = {
  name: 'done',
  path: '/done',
  template: 'registration/views/done.njk',
  states: ['done'],
  leadsTo: [],
  show: async (turn) => {
    const { level, tookOver, mailed, downloaded } = atOf(turn, 'done').done
    return { model: { level, tookOver, mailed, downloaded } }
  },
}

/**
 * The receipt, in this browser as long as the last page is there: whoever loses it on the way (a connection that breaks, a
 * process that dies while it sends) has no other copy where no e-mail was given. Only the sealed code is kept for it.
 */
export function receiptButton(parts: RegistrationParts): Page {
  return {
    name: 'receipt',
    path: '/receipt',
    states: ['done'],
    leadsTo: ['done'],
    form,
    show: donePage.show,
    submit: (turn) => download(parts, turn),
  }
}

async function download(parts: RegistrationParts, turn: Turn): Promise<Answer> {
  const { done } = atOf(turn, 'done')
  const citizen = await parts.citizens.find(done.citizen)
  if (!citizen?.registration) return { moved: true }
  const { document, name, registration } = citizen
  const code = openCode(parts, turn.journey.id, done.receipt)
  const { channel, at } = registration
  const content = await makeReceipt(parts, { document, name, channel, at, code, locale: turn.locale })
  const file = parts.i18n.translator(turn.locale)('register:receipt.file')
  return {
    to: { page: 'done', done: { ...done, downloaded: true } },
    file: { name: file, type: 'application/pdf', content },
  }
}

/** Why it cannot go on, said to who knows the contrast. */
export const refusedPage: Page = {
  name: 'refused',
  path: '/refused',
  template: 'registration/views/refused.njk',
  states: ['refused'],
  leadsTo: [],
  show: async (turn) => {
    const { refused, details } = atOf(turn, 'refused').refusal
    const model = { refusal: { code: refused }, details }
    return { model, status: refusalRow(refused).http }
  },
}
