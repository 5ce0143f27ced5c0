import { Type, type Static } from 'typebox'
import { enrolmentProblem } from '../authentication/index.ts'
import { isRefusal } from '../refusal/index.ts'
import type { ActsParts } from './acts-parts.ts'
import type { Answer, Form, Page, Turn } from './page.ts'

const form = Type.Object({ code: Type.Optional(Type.String({ maxLength: 100 })) })

const page = '/authenticator'
const removal = '/authenticator/remove'

/** The authenticator app that shows one-time codes instead of the SMS: added, and taken off. */
export const authenticatorPages = (
  parts: ActsParts,
): { readonly pages: readonly Page[]; readonly forms: readonly Form[] } => ({
  pages: [
    { path: page, template: 'account/views/authenticator.njk', surety: 'again', show: (turn) => show(parts, turn) },
    {
      path: removal,
      template: 'account/views/authenticator-remove.njk',
      surety: 'again',
      show: async ({ citizen }) =>
        (await parts.permanente.hasAuthenticator(citizen.id)) ? { model: {} } : { instead: page },
    },
  ],
  forms: [
    {
      path: page,
      page,
      form,
      submit: (turn, typed) => enrol(parts, turn, (typed as Static<typeof form>).code ?? ''),
    },
    {
      path: removal,
      page: removal,
      submit: async ({ citizen, caller }) => {
        const removed = await parts.permanente.removeAuthenticator(citizen.id, caller)
        return { to: page, ...(removed && { told: 'authenticatorRemoved' }) }
      },
    },
  ],
})

async function show(parts: ActsParts, { citizen, caller }: Turn): ReturnType<Page['show']> {
  const [password, enrolled] = await Promise.all([
    parts.permanente.passwordOf(citizen.id),
    parts.permanente.hasAuthenticator(citizen.id),
  ])
  // It is the second factor of Permanente: without a password nobody is ever asked for its codes.
  if (enrolled || !password) return { model: { state: enrolled ? 'enrolled' : 'none' } }
  const enrolment = await parts.permanente.beginEnrolment(citizen.id, caller)
  return isRefusal(enrolment) ? { instead: '' } : { model: { state: 'open', enrolment } }
}

async function enrol(parts: ActsParts, { citizen, caller }: Turn, typed: string): Promise<Answer> {
  if (typed.trim() === '') return { again: [{ field: 'code', text: 'account:authenticator.empty' }] }
  if (!(await parts.permanente.passwordOf(citizen.id))) return { to: page }
  const enrolled = await parts.permanente.confirmEnrolment(citizen.id, typed, caller)
  if (enrolled === 'enrolled') return { to: page, told: 'authenticatorAdded' }
  // Another tab did it.
  if (enrolled === 'gone' && (await parts.permanente.hasAuthenticator(citizen.id))) return { to: page }
  return { again: [enrolmentProblem(enrolled)] }
}
