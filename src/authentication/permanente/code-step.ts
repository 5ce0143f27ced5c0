import { Type, type Static } from 'typebox'
import { blank, timeOfDay } from '../../platform/index.ts'
import { refusal } from '../../refusal/index.ts'
import type { Login, Step, StepAnswer } from '../method.ts'
import type { Redeemed } from '../one-time-code-table.ts'
import { readCode, redeem } from '../one-time-code.ts'
import { countWrongCode, endOfProof } from '../prove.ts'
import { sayAgain } from '../say-again.ts'
import { sendBySms } from './ask-code.ts'
import type { CodeAsked, PermanenteParts } from './parts.ts'
import { refusalOf } from './password-step.ts'
import { findPassword } from './password-table.ts'
import { findTotp, redeemTotp } from './totp-table.ts'
import { openTotp, stepOfTotp, totpDigits } from './totp.ts'

const form = Type.Object({
  code: Type.Optional(Type.String({ maxLength: 100 })),
  /** `sms`: send a code, or another one, by text message; else the code is meant. */
  action: Type.Optional(Type.String({ maxLength: 20 })),
})

export function codeStep(parts: PermanenteParts): Step<CodeAsked, typeof form> {
  return {
    name: 'permanente.code',
    path: '/permanente/code',
    template: 'authentication/permanente/views/code.njk',
    stencil: true,
    form,
    show: async (login, asked) => ({
      way: asked.way,
      digits: digitsOf(parts, asked),
      ...(asked.way === 'sms' && {
        phone: blank(asked.phone),
        until: blank(timeOfDay(new Date(asked.until), login.locale)),
        another: asked.another === true,
      }),
    }),
    submit: async (login, asked, typed) =>
      typed.action === 'sms'
        ? sendBySms(parts, login, asked, asked.way === 'sms')
        : enterCode(parts, login, asked, typed),
  }
}

async function enterCode(
  parts: PermanenteParts,
  login: Login,
  asked: CodeAsked,
  typed: Static<typeof form>,
): Promise<StepAnswer> {
  const digits = digitsOf(parts, asked)
  const code = readCode(typed.code ?? '', digits)
  if (code === undefined) return { again: [{ field: 'code', text: 'authentication:code.form', details: { digits } }] }
  await parts.slowDown.check(login.address, login.relyingParty.id)
  const redeemed = await (asked.way === 'sms'
    ? redeem(parts, 'permanente', login, { citizen: asked.citizen, code })
    : tryApp(parts, login, asked, code))
  if (redeemed === 'moved') return { moved: true }
  if (redeemed === 'dead') return sayAgain(refusal('CODE-02-dead'), { dead: 'yes' })
  if ('left' in redeemed) return wrongCode(parts, login, asked, redeemed.left)
  // It may have been blocked, or have ended, since it was typed.
  const password = await findPassword(parts.db, asked.citizen)
  const unusable = password ? refusalOf(password, parts.clock.now()) : refusal('PERMANENTE-04-not-active')
  if (unusable) return unusable
  return endOfProof(parts, login, asked, {
    variant: 'permanente-password-and-code',
    method: 'permanente',
    tried: ['password', 'code'],
    factors: asked.way === 'sms' ? ['pwd', 'otp', 'sms'] : ['pwd', 'otp'],
    registrationLevel: redeemed.right.registrationLevel,
  })
}

async function tryApp(parts: PermanenteParts, login: Login, { citizen }: CodeAsked, code: string): Promise<Redeemed> {
  const sealed = await findTotp(parts.db, citizen)
  const step = sealed && stepOfTotp(openTotp(parts.envelope, citizen, sealed), code, parts.clock.wire())
  const now = parts.clock.now()
  const { codeTries: tries } = parts.limits
  return redeemTotp(parts.db, { login: login.id, citizen, step: step || undefined, now, tries })
}

async function wrongCode(parts: PermanenteParts, login: Login, asked: CodeAsked, left: number): Promise<StepAnswer> {
  const refused = await countWrongCode(parts, login, asked)
  if (refused) return sayAgain(refused)
  if (left <= 0) return sayAgain(refusal('CODE-02-dead'), { dead: 'yes' })
  return sayAgain(refusal('CODE-01-wrong', { count: left }), {}, 'code')
}

const digitsOf = (parts: PermanenteParts, { way }: CodeAsked): number =>
  way === 'sms' ? parts.limits.codeDigits : totpDigits
