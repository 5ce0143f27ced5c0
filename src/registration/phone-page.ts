import { Type, type Static } from 'typebox'
import { timeOfDay } from '../platform/index.ts'
import { isRefusal } from '../refusal/index.ts'
import { sendCode } from './contact-page.ts'
import { drawActivationCode } from './draw-codes.ts'
import { sealCode } from './journey.ts'
import { atOf, refusedWith, type Answer, type Page, type Turn } from './page.ts'
import type { RegistrationParts } from './parts.ts'
import { readPhoneCode, redeemPhoneCode } from './prove-phone.ts'
import { sayPhone } from './read-contact.ts'

const form = Type.Object({
  journey: Type.String({ maxLength: 100 }),
  code: Type.Optional(Type.String({ maxLength: 100 })),
  /** `another`: send another code; `change`: back to the contact data; else the code is meant. */
  action: Type.Optional(Type.String({ maxLength: 20 })),
})
type Form = Static<typeof form>

/** The code that proves the phone. */
export function phonePage(parts: RegistrationParts): Page {
  return {
    name: 'phone',
    path: '/phone',
    template: 'registration/views/phone.njk',
    states: ['phone'],
    leadsTo: ['phone', 'contact', 'confirm', 'refused'],
    form,
    show: async (turn) => {
      const { contact, proof, until, another } = atOf(turn, 'phone')
      const digits = parts.limits.codeDigits
      // The phone of a record is shown whole to nobody who did not prove it.
      const record = proof.channel === 'pin24h'
      const phone = record ? proof.phone : sayPhone(contact.phone)
      return { model: { phone, record, until: timeOfDay(new Date(until), turn.locale), another, digits } }
    },
    submit: (turn, typed) => enterCode(parts, turn, typed as Form),
  }
}

async function enterCode(parts: RegistrationParts, turn: Turn, typed: Form): Promise<Answer> {
  const { who, proof, contact } = atOf(turn, 'phone')
  if (typed.action === 'change') return { to: { page: 'contact', who, proof } }
  if (typed.action === 'another') return sendCode(parts, turn, { who, proof, contact, another: true })
  const digits = parts.limits.codeDigits
  const code = readPhoneCode(typed.code ?? '', digits)
  if (code === undefined) return { again: [{ field: 'code', text: 'register:phone.form', details: { digits } }] }
  const claim = { journey: turn.journey.id, document: who.document, known: who.known, phone: contact.phone }
  const redeemed = await redeemPhoneCode(parts, claim, code, turn.caller)
  if (isRefusal(redeemed)) {
    const dead = redeemed.refused === 'CODE-02-dead' ? { dead: 'yes' } : {}
    return refusedWith(redeemed, dead, redeemed.refused === 'CODE-01-wrong' ? 'code' : '')
  }
  // Redeemed before, by this registration, where the answer was lost: what was proven is still proven.
  const drawn = sealCode(parts, turn.journey.id, drawActivationCode(parts.random))
  return { to: { page: 'confirm', who, proof, contact, code: drawn } }
}
