import { Type, type Static } from 'typebox'
import { maskEmail } from '../citizen/index.ts'
import { timeOfDay } from '../platform/index.ts'
import { isRefusal, refusalRow, type Refusal } from '../refusal/index.ts'
import { readEmail } from '../registration/index.ts'
import type { ActsParts } from './acts-parts.ts'
import type { Answer, Form, Page, Turn } from './page.ts'
import { proveEmail, provingIn, readEmailCode, sendEmailCode } from './prove-email.ts'

const views = 'account/views'

/** Octets of an address at most (RFC 5321, 4.5.3.1.3, without the brackets). */
const longestAddress = 254

const addressForm = Type.Object({
  email: Type.Optional(Type.String({ maxLength: 2_000 })),
  /** `own`: the address there is; else the one typed. */
  action: Type.Optional(Type.String({ maxLength: 20 })),
})
const codeForm = Type.Object({
  code: Type.Optional(Type.String({ maxLength: 100 })),
  /** `another`: send another code; else the code is meant. */
  action: Type.Optional(Type.String({ maxLength: 20 })),
})

/** The e-mail address, and the code that proves another or the same. */
export const emailPages = (parts: ActsParts): { readonly pages: readonly Page[]; readonly forms: readonly Form[] } => ({
  pages: [
    {
      path: '/email',
      template: `${views}/email.njk`,
      surety: 'again',
      show: async ({ citizen: { email, emailProvenAt } }) => ({
        model: { email: email && maskEmail(email), proven: emailProvenAt !== undefined },
      }),
    },
    {
      path: '/email/code',
      template: `${views}/email-code.njk`,
      surety: 'again',
      show: (turn) => showCode(parts, turn),
    },
  ],
  forms: [
    {
      path: '/email',
      page: '/email',
      form: addressForm,
      submit: (turn, typed) => enterAddress(parts, turn, typed as Static<typeof addressForm>),
    },
    {
      path: '/email/code',
      page: '/email/code',
      form: codeForm,
      submit: (turn, typed) => enterCode(parts, turn, typed as Static<typeof codeForm>),
    },
  ],
})

async function showCode(parts: ActsParts, { citizen, caller }: Turn): ReturnType<Page['show']> {
  const proving = await provingIn(parts, citizen.id, caller.browser)
  if (!proving) return { instead: '/email' }
  const { address, until } = proving
  const dead = until <= parts.clock.now()
  return { model: { address, until: timeOfDay(until, caller.locale), dead, digits: parts.limits.codeDigits } }
}

async function enterAddress(
  parts: ActsParts,
  turn: Turn,
  { email = '', action }: Static<typeof addressForm>,
): Promise<Answer> {
  const { citizen } = turn
  if (action === 'own')
    return citizen.email === undefined || citizen.emailProvenAt ? { to: '/email' } : send(parts, turn, citizen.email)
  const address = readEmail(email) ?? ''
  const problem = faultOf(email, address) ?? (isProven(turn, address) ? 'same' : undefined)
  // What nobody could have meant is not written into the page again.
  const values = { email: email.length > longestAddress ? '' : email }
  if (problem) return { again: [{ field: 'email', text: `account:email.wrong.${problem}` }], values }
  return send(parts, turn, address, values)
}

const isProven = ({ citizen }: Turn, address: string): boolean =>
  citizen.emailProvenAt !== undefined && citizen.email === address

/**
 * Why it is no address to send a code to. Letters beyond ASCII are none: not every mail server takes them (RFC 6531), and
 * of two that look alike one is another's.
 */
function faultOf(typed: string, address: string): 'empty' | 'long' | 'letters' | 'form' | undefined {
  const text = typed.normalize('NFKC').trim()
  if (text === '') return 'empty'
  if (text.length > longestAddress) return 'long'
  if (/[^\x20-\x7e]/.test(text)) return 'letters'
  return address === '' ? 'form' : undefined
}

/** Sends the code and leads to its page; `values`: what the form's own page shows again where none can be sent. */
async function send(parts: ActsParts, turn: Turn, address: string, values?: Record<string, string>): Promise<Answer> {
  const sent = await sendEmailCode(parts, turn.citizen, address, turn.caller)
  return isRefusal(sent) ? sayTooMany(sent, values) : { to: '/email/code' }
}

/** The refusal's own remedy speaks of logins. */
function sayTooMany(refused: Refusal, values: Record<string, string> = {}): Answer {
  const { refused: code, details = {} } = refused
  if (code !== 'CODE-03-too-many') return refused
  return { again: [{ field: '', text: 'account:email.tooMany', details }], values, status: refusalRow(code).http }
}

async function enterCode(
  parts: ActsParts,
  turn: Turn,
  { code: typed = '', action }: Static<typeof codeForm>,
): Promise<Answer> {
  const { citizen, caller } = turn
  if (action === 'another') {
    const proving = await provingIn(parts, citizen.id, caller.browser)
    return proving ? send(parts, turn, proving.address) : { to: '/email' }
  }
  const digits = parts.limits.codeDigits
  const code = readEmailCode(typed, digits)
  if (code === undefined) return { again: [{ field: 'code', text: 'account:email.codeForm', details: { digits } }] }
  const answer = await proveEmail(parts, citizen.id, code, caller)
  if (answer === 'proven') return { to: '/email', told: 'emailProven' }
  if (answer === 'moved') return { to: '/email' }
  const { http } = refusalRow(answer.refused)
  if (answer.refused === 'CODE-02-dead') return { again: deadProblems, model: { dead: true }, status: http }
  const problem = { field: 'code', text: `refusal:${answer.refused}.body` }
  return { again: [{ ...problem, ...(answer.details && { details: answer.details }) }], status: http }
}

const deadProblems = (['body', 'remedy'] as const).map((part) => ({ field: '', text: `refusal:CODE-02-dead.${part}` }))
