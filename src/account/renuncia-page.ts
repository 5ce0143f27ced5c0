import { Type, type Static } from 'typebox'
import { calendarDay, timeOfDay, type App } from '../platform/index.ts'
import { isRefusal, refusal } from '../refusal/index.ts'
import { wholeName } from '../registration/index.ts'
import type { ActsParts } from './acts-parts.ts'
import { giveUp } from './give-up.ts'
import type { Answer, Form, Page, Turn } from './page.ts'
import { findReceipt, keepReceipt } from './receipts.ts'
import { makeRenunciaSheet, type RenunciaReceipt } from './renuncia-sheet.ts'

const form = Type.Object({ understood: Type.Optional(Type.String({ maxLength: 20 })) })

/** Giving the registration up; its answer is the last page of the session, with the receipt. */
export const renunciaPages = (
  parts: ActsParts,
): { readonly pages: readonly Page[]; readonly forms: readonly Form[] } => ({
  pages: [
    {
      path: '/renuncia',
      template: 'account/views/renuncia.njk',
      surety: 'again',
      show: async ({ citizen }) => ({
        model: { level: citizen.registration?.level, active: !!(await parts.permanente.passwordOf(citizen.id)) },
      }),
    },
  ],
  forms: [
    {
      path: '/renuncia',
      page: '/renuncia',
      form,
      submit: (turn, typed) => submit(parts, turn, typed as Static<typeof form>),
    },
  ],
})

async function submit(parts: ActsParts, { citizen, caller }: Turn, typed: Static<typeof form>): Promise<Answer> {
  if (typed.understood !== 'yes') return { again: [{ field: 'understood', text: 'account:renuncia.notUnderstood' }] }
  const renounced = await giveUp(parts, citizen, caller.address)
  if (isRefusal(renounced)) return renounced
  const { at, document } = renounced
  const kept: RenunciaReceipt = { name: wholeName(citizen.name), document, at: at.toISOString() }
  const id = await keepReceipt(parts, 'renuncia', caller.browser, kept)
  const { locale } = caller
  const model = {
    day: calendarDay(at, locale),
    time: timeOfDay(at, locale),
    mailed: citizen.email !== undefined,
    receipt: `/account/renuncia/receipt/${id}`,
  }
  return { page: 'account/views/renounced.njk', model, leave: true }
}

const params = Type.Object({ id: Type.String({ maxLength: 64 }) })

/**
 * Mounts the receipt: nobody is identified any more who could ask for it, so its address is random and good for 20 minutes
 * in the browser of the renuncia.
 */
export function mountRenunciaReceipt(parts: ActsParts, app: App): void {
  app.get('/account/renuncia/receipt/:id', { schema: { params }, exposeHeadRoute: false }, async (request, reply) => {
    const { visit, locale } = request
    const kept = await findReceipt<RenunciaReceipt>(parts, 'renuncia', visit.browser, request.params.id)
    if (!kept) return reply.refuse(refusal('ACCOUNT-01-receipt-gone'))
    const { name, type, content } = await makeRenunciaSheet(parts, kept, locale)
    return reply.type(type).header('content-disposition', `attachment; filename="${name}"`).send(content)
  })
}
