import { Type, type Static } from 'typebox'
import { blank, timeOfDay } from '../../platform/index.ts'
import { isRefusal, refusal } from '../../refusal/index.ts'
import type { Login, Step, StepAnswer } from '../method.ts'
import { prefixDigest, readCode, redeem } from '../one-time-code.ts'
import { completionOf, countWrongCode, endOfProof } from '../prove.ts'
import { sayAgain } from '../say-again.ts'
import type { PinParts, PinSent } from './parts.ts'
import { sendPin } from './send-pin.ts'

const form = Type.Object({
  code: Type.Optional(Type.String({ maxLength: 100 })),
  /** The citizen's own characters, where they chose some. */
  prefix: Type.Optional(Type.String({ maxLength: 100 })),
  /** `another`: send another PIN; `change`: back to the data; else the PIN is meant. */
  action: Type.Optional(Type.String({ maxLength: 20 })),
})
type Form = Static<typeof form>

const way = { variant: 'pin', method: 'pin', tried: ['contrast', 'code'] } as const

export function codeStep(parts: PinParts): Step<PinSent, typeof form> {
  return {
    name: 'pin.code',
    path: '/pin/code',
    template: 'authentication/pin/views/code.njk',
    stencil: true,
    form,
    show: async (login, sent) => ({
      phone: blank(sent.phone),
      until: blank(timeOfDay(new Date(sent.until), login.locale)),
      digits: parts.limits.pinDigits,
      prefixed: sent.prefix !== undefined,
      another: sent.another === true,
    }),
    async submit(login, sent, typed) {
      if (typed.action === 'change') return { next: 'pin.identify', data: undefined }
      return typed.action === 'another' ? sendAnother(parts, login, sent) : enterPin(parts, login, sent, typed)
    },
  }
}

/** The rules are asked again: the citizen may have renounced since. */
async function sendAnother(parts: PinParts, login: Login, sent: PinSent): Promise<StepAnswer> {
  const citizen = await parts.citizens.find(sent.citizen)
  const again = await sendPin(parts, login, citizen, sent.known, sent.prefix)
  return isRefusal(again) ? sayAgain(again) : { next: 'pin.code', data: { ...again, another: true } }
}

async function enterPin(parts: PinParts, login: Login, sent: PinSent, typed: Form): Promise<StepAnswer> {
  const digits = parts.limits.pinDigits
  const code = readCode(typed.code ?? '', digits)
  if (code === undefined) return { again: [{ field: 'code', text: 'authentication:code.form', details: { digits } }] }
  await parts.slowDown.check(login.address, login.relyingParty.id)
  const prefix = prefixOf(parts, login, sent, typed)
  const completion = completionOf(parts, login, sent, way)
  const redeemed = await redeem(parts, 'pin', login, { citizen: sent.citizen, code, prefix, completion })
  if (redeemed === 'moved') return { moved: true }
  if (redeemed === 'dead') return sayAgain(refusal('PIN-02-dead'), { dead: 'yes' })
  if ('left' in redeemed) return wrongPin(parts, login, sent, redeemed.left)
  return endOfProof(parts, login, sent, {
    ...way,
    // Shown by the phone, it was there behind a key and the phone's own unlock (RFC 8176).
    factors: redeemed.right.shown ? ['otp', 'hwk', 'user'] : ['otp', 'sms'],
    registrationLevel: redeemed.right.registrationLevel,
    heard: redeemed.right.heard,
  })
}

async function wrongPin(parts: PinParts, login: Login, sent: PinSent, left: number): Promise<StepAnswer> {
  const refused = await countWrongCode(parts, login, sent)
  if (refused) return sayAgain(refused)
  if (left <= 0) return sayAgain(refusal('PIN-02-dead'), { dead: 'yes' })
  return sayAgain(refusal('PIN-01-wrong', { count: left }), {}, 'code')
}

/** Nothing where none was chosen: what is typed there then does not count. */
const prefixOf = (parts: PinParts, login: Login, sent: PinSent, typed: Form): string | undefined =>
  sent.prefix === undefined ? undefined : prefixDigest(parts.digest, login, typed.prefix ?? '')
