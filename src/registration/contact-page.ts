import { Type, type Static } from 'typebox'
import type { PageProblem, TextKey } from '../platform/index.ts'
import { isRefusal, refusalRow, type Refusal } from '../refusal/index.ts'
import { checkIban } from './check-iban.ts'
import type { At, Contact, PhoneAsked, Proof, Who } from './journey.ts'
import { atOf, isProblems, refusedWith, type Answer, type Page, type Turn } from './page.ts'
import type { RegistrationParts } from './parts.ts'
import { confirmContact } from './pin24h/confirm-contact.ts'
import { sendPhoneCode } from './prove-phone.ts'
import { readEmail, readIban, readPhone, sayPhone } from './read-contact.ts'

const form = Type.Object({
  journey: Type.String({ maxLength: 100 }),
  /** Not with a record of PIN 24 horas, which has one. */
  phone: Type.Optional(Type.String({ maxLength: 100 })),
  email: Type.String({ maxLength: 400 }),
  /** Only where the Tax Agency knows one. */
  iban: Type.Optional(Type.String({ maxLength: 100 })),
  /** Of a record: see there. Else the form is meant. */
  action: Type.Optional(Type.String({ maxLength: 20 })),
})
type Form = Static<typeof form>

/** Mobile phone, e-mail and, where the Tax Agency knows one, the IBAN; its button sends the code that proves the phone. */
export function contactPage(parts: RegistrationParts): Page {
  return {
    name: 'contact',
    path: '/contact',
    template: 'registration/views/contact.njk',
    states: ['contact', 'phone'],
    leadsTo: ['phone', 'channels', 'refused'],
    form,
    show: async (turn) => {
      const at = atOf(turn, 'contact', 'phone')
      // The contact data of a record are shown to nobody who did not prove its phone.
      if (at.proof.channel === 'pin24h') return { model: { record: at.proof } }
      const values = at.page === 'phone' ? { phone: sayPhone(at.contact.phone), email: at.contact.email ?? '' } : {}
      return { model: { iban: at.who.iban, values } }
    },
    submit: (turn, typed) => enterContact(parts, turn, typed as Form),
  }
}

async function enterContact(parts: RegistrationParts, turn: Turn, typed: Form): Promise<Answer> {
  const { who, proof } = atOf(turn, 'contact', 'phone')
  if (proof.channel === 'pin24h') return confirmContact(parts, turn, { who, proof }, typed)
  const values = { phone: typed.phone ?? '', email: typed.email, iban: typed.iban ?? '' }
  const read = readContact(who, typed)
  if (isProblems(read)) return { again: read, values }
  if (read.iban !== undefined) {
    const wrong = await checkIban(parts, who, read.iban, turn.caller)
    if (wrong) return refusedWith(wrong, values, wrong.refused === 'REGISTER-11-iban-wrong' ? 'iban' : '')
  }
  const sent = await sendCode(parts, turn, { who, proof, contact: read.contact })
  return 'again' in sent ? { ...sent, values } : sent
}

/** Sends a code to the phone and leads to its page. */
export async function sendCode(
  parts: RegistrationParts,
  { journey, locale }: Turn,
  at: Pick<PhoneAsked, 'who' | 'proof' | 'contact' | 'another'>,
): Promise<Answer> {
  const claim = { journey: journey.id, document: at.who.document, phone: at.contact.phone }
  const until = await sendPhoneCode(parts, claim, locale)
  if (isRefusal(until)) return sayTooMany(until, at.proof)
  return { to: { page: 'phone', ...at, until: until.toISOString() } satisfies At }
}

/** The refusal's own remedy is another way to identify, which is for logins: here there is none, and nothing is lost. */
function sayTooMany({ refused, details = {} }: Refusal, { channel }: Proof): Answer {
  const remedy = channel === 'letter' ? 'register:phone.tooMany' : 'register:pin24h.tooMany'
  const texts = [`refusal:${refused}.body`, remedy]
  return { again: texts.map((text) => ({ field: '', text, details })), status: refusalRow(refused).http }
}

interface Read {
  readonly contact: Contact
  readonly iban: string | undefined
}

/** Everything wrong with the form at once, so that it is mended at once. */
function readContact(who: Who, typed: Form): Read | readonly PageProblem[] {
  const phone = readPhone(typed.phone ?? '')
  const email = readEmail(typed.email)
  const iban = who.iban ? readIban(typed.iban ?? '') : undefined
  const said = (field: string, text: TextKey) => ({ field, text })
  const empty = (value: string | undefined) => (value ?? '').trim() === ''
  const problems = [
    phone === undefined &&
      said('phone', empty(typed.phone) ? 'register:contact.phoneEmpty' : 'register:contact.phoneForm'),
    email === undefined && !empty(typed.email) && said('email', 'register:contact.emailForm'),
    iban === undefined &&
      who.iban &&
      said('iban', empty(typed.iban) ? 'register:contact.ibanEmpty' : 'register:contact.ibanForm'),
  ].filter((problem) => problem !== false)
  return phone === undefined || problems.length > 0 ? problems : { contact: { phone, email }, iban }
}
