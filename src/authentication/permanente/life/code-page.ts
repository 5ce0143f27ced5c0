import { Type, type Static } from 'typebox'
import { atOf, timeOfDay } from '../../../platform/index.ts'
import { isRefusal, refusal } from '../../../refusal/index.ts'
import { admitToPassword } from '../../judge-citizen.ts'
import { readCode, redeem } from '../../one-time-code.ts'
import { countWrongCode } from '../../prove.ts'
import { sayAgain } from '../../say-again.ts'
import type { CodeAsked } from './journey.ts'
import { loginIn, type Answer, type Page, type Turn } from './page.ts'
import type { LifeParts } from './parts.ts'
import { sayNotSent, sendPasswordCode } from './send-password-code.ts'

const form = Type.Object({
  code: Type.Optional(Type.String({ maxLength: 100 })),
  /** `another`: send another code; else the code is meant. */
  action: Type.Optional(Type.String({ maxLength: 20 })),
})

export function codePage(parts: LifeParts): Page {
  return {
    name: 'code',
    path: '/code',
    template: 'authentication/permanente/life/views/code.njk',
    states: ['code'],
    leadsTo: ['code', 'password'],
    form,
    show: async (turn) => {
      const { phone, until, another = false } = atOf(turn, 'code')
      const digits = parts.limits.codeDigits
      return { model: { phone, until: timeOfDay(new Date(until), turn.locale), another, digits } }
    },
    submit: async (turn, typed) => {
      const asked = atOf(turn, 'code')
      const { action, code = '' } = typed as Static<typeof form>
      return action === 'another' ? sendAnother(parts, turn, asked) : enterCode(parts, turn, asked, code)
    },
  }
}

async function sendAnother(parts: LifeParts, turn: Turn, asked: CodeAsked): Promise<Answer> {
  const citizen = await parts.citizens.find(asked.who.citizen)
  const sent = await sendPasswordCode(parts, loginIn(turn), citizen, asked)
  return isRefusal(sent) ? sayNotSent(sent) : { to: { page: 'code', ...sent, another: true } }
}

async function enterCode(parts: LifeParts, turn: Turn, asked: CodeAsked, typed: string): Promise<Answer> {
  const login = loginIn(turn)
  const digits = parts.limits.codeDigits
  const code = readCode(typed, digits)
  if (code === undefined) return { again: [{ field: 'code', text: 'authentication:code.form', details: { digits } }] }
  await parts.slowDown.check(login.address, login.relyingParty.id)
  const { who, activation } = asked
  const redeemed = await redeem(parts, 'password', login, { citizen: who.citizen, code })
  const proven = { to: { page: 'password', who, ...(activation !== undefined && { activation }) } } as const
  // Redeemed by this journey, where the answer to it was lost: what was proven is still proven.
  if (redeemed === 'moved') return proven
  if (redeemed === 'dead') return sayAgain(refusal('CODE-02-dead'), { dead: 'yes' })
  if ('left' in redeemed) return wrongCode(parts, turn, asked, redeemed.left)
  if (redeemed.right.registrationLevel) return proven
  const admission = admitToPassword(await parts.citizens.find(who.citizen))
  return isRefusal(admission) ? admission : proven
}

async function wrongCode(parts: LifeParts, turn: Turn, { who }: CodeAsked, left: number): Promise<Answer> {
  const refused = await countWrongCode(parts, loginIn(turn), who)
  if (refused) return sayAgain(refused)
  if (left <= 0) return sayAgain(refusal('CODE-02-dead'), { dead: 'yes' })
  return sayAgain(refusal('CODE-01-wrong', { count: left }), {}, 'code')
}
