import { noteEvent } from '../audit/index.ts'
import { calendarDay } from '../platform/index.ts'
import { refusal, type Refusal } from '../refusal/index.ts'
import { activationCodeOf, inGroups, issueActivationCode } from '../registration/index.ts'
import { makeActivationSheet, type ActivationReceipt } from './activation-sheet.ts'
import type { ActsParts } from './acts-parts.ts'
import { layNews } from './lay-news.ts'
import type { Answer, Download, File, Form, Page, Turn } from './page.ts'
import { findReceipt, keepReceipt } from './receipts.ts'

const receiptPath = '/activation-code/receipt'

/** A new activation code: shown once, and once more as a receipt to download. */
export const activationPages = (
  parts: ActsParts,
): { readonly pages: readonly Page[]; readonly forms: readonly Form[]; readonly downloads: readonly Download[] } => ({
  pages: [
    {
      path: '/activation-code',
      template: 'account/views/activation-code.njk',
      surety: 'again',
      show: (turn) => show(parts, turn),
    },
  ],
  forms: [{ path: '/activation-code', page: '/activation-code', submit: (turn) => issue(parts, turn) }],
  // Its id is worth as much as the page that held it, and only in that browser.
  downloads: [{ path: receiptPath, surety: 'session', file: (turn) => receipt(parts, turn) }],
})

async function show(parts: ActsParts, { citizen, caller }: Turn): ReturnType<Page['show']> {
  const [code, password] = await Promise.all([
    activationCodeOf(parts.db, parts, citizen.id),
    parts.permanente.passwordOf(citizen.id),
  ])
  const day = (at: Date) => calendarDay(at, caller.locale)
  const state = code === undefined ? 'none' : code.alive ? 'alive' : code.used ? 'used' : 'dead'
  return {
    model: { state, issued: code && day(code.issued), expires: code && day(code.expires), active: !!password },
  }
}

async function issue(parts: ActsParts, { citizen, caller }: Turn): Promise<Answer> {
  const at = parts.clock.now()
  const { browser, address, locale } = caller
  const code = await parts.db.transaction(async (tx) => {
    const drawn = await issueActivationCode(tx, parts, citizen.id)
    await noteEvent(tx, { kind: 'activation-code-issued', at, citizen: citizen.id, data: { browser, address } })
    await layNews(tx, parts, citizen, { kind: 'activation-code-issued', at })
    return drawn
  })
  const expires = parts.clock.in(parts.limits.activationCodeLifetime)
  const kept: ActivationReceipt = { citizen: citizen.id, code, at: at.toISOString(), expires: expires.toISOString() }
  const id = await keepReceipt(parts, 'activation-code', browser, kept)
  const model = {
    code: inGroups(code, 5),
    expires: calendarDay(expires, locale),
    receipt: `/account${receiptPath}?id=${id}`,
  }
  return { page: 'account/views/activation-issued.njk', model }
}

async function receipt(parts: ActsParts, { citizen, caller, query }: Turn): Promise<File | Refusal> {
  const id = query['id'] ?? ''
  const kept = await findReceipt<ActivationReceipt>(parts, 'activation-code', caller.browser, id, 'once')
  if (kept?.citizen !== citizen.id) return refusal('ACCOUNT-01-receipt-gone')
  return makeActivationSheet(parts, citizen, kept, caller.locale)
}
