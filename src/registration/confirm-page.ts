import { Type, type Static } from 'typebox'
import { isRefusal } from '../refusal/index.ts'
import { completeRegistration } from './complete-registration.ts'
import { openCode } from './journey.ts'
import { channelRules } from './levels.ts'
import { atOf, refusedWith, type Answer, type Page, type Turn } from './page.ts'
import type { RegistrationParts } from './parts.ts'
import { sayPhone } from './read-contact.ts'
import { termsVersion } from './terms.ts'

const form = Type.Object({
  journey: Type.String({ maxLength: 100 }),
  terms: Type.Optional(Type.String({ maxLength: 20 })),
})

/** What will be registered, and the terms; its button registers. */
export function confirmPage(parts: RegistrationParts): Page {
  return {
    name: 'confirm',
    path: '/confirm',
    template: 'registration/views/confirm.njk',
    states: ['confirm'],
    leadsTo: ['done', 'refused'],
    form,
    show: async (turn) => {
      const { who, contact, proof } = atOf(turn, 'confirm')
      const { level } = channelRules[proof.channel]
      const shown = { ...contact, phone: sayPhone(contact.phone) }
      return { model: { document: who.document, contact: shown, level, terms: termsVersion } }
    },
    submit: (turn, typed) => confirm(parts, turn, typed as Static<typeof form>),
  }
}

async function confirm(parts: RegistrationParts, turn: Turn, typed: Static<typeof form>): Promise<Answer> {
  const { who, proof, contact, code: sealed } = atOf(turn, 'confirm')
  if (typed.terms !== 'accepted') return { again: [{ field: 'terms', text: 'register:confirm.termsEmpty' }] }
  const journey = turn.journey.id
  const code = openCode(parts, journey, sealed)
  const completing = { journey, who, proof, contact, code, locale: turn.locale }
  const completed = await completeRegistration(parts, completing, turn.caller)
  if (isRefusal(completed)) return refusedWith(completed)
  return { to: { page: 'done', done: { ...completed, mailed: contact.email !== undefined, receipt: sealed } } }
}
