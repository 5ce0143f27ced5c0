import { eventValues } from '../../audit/index.ts'
import type { Citizen, ContrastClaim } from '../../citizen/index.ts'
import type { Locale, Tx } from '../../platform/index.ts'
import { isRefusal, refusal, type Refusal } from '../../refusal/index.ts'
import { admitCitizen } from '../judge-citizen.ts'
import type { Login } from '../method.ts'
import { readCode, redeem, sendCode } from '../one-time-code.ts'
import { layMessage } from '../../registration/index.ts'
import { localeOf } from '../permanente/tell.ts'
import { countWrongCode, type Claimant } from '../prove.ts'
import { undoable } from '../permanente/life/undone.ts'
import { recogniseCitizen } from '../recognise.ts'
import type { Device } from './contract.ts'
import { putDevice } from './device-table.ts'
import { endPhone } from './end-phone.ts'
import type { MovilParts } from './parts.ts'
import { claimsOf, isTimely, readKey } from './phone-words.ts'

/** Where a phone calls from. */
export interface Caller {
  readonly address: string
  readonly locale: Locale
}

/** An activation that waits for its code, as the ephemeral store holds it under a digest of its name. */
interface Activation {
  readonly who: Claimant
  readonly expires: number
}

export interface ActivationBegun {
  /** 256 random bits: whoever has it may type the code. */
  readonly activation: string
  /** The phone's last three digits, and until when the code may be typed (ISO 8601). */
  readonly phone: string
  readonly until: string
}

const keyOf = (parts: MovilParts, activation: string): string => `movil-activation:${nameOf(parts, activation)}`
const nameOf = ({ digest }: MovilParts, activation: string): string =>
  digest('movil-activation', activation).slice(0, 22)

/** An activation is known by its own secret alone: an app need not be a browser. */
const loginOf = (parts: MovilParts, activation: string, expires: number, caller: Caller): Login => ({
  id: `movil.${nameOf(parts, activation)}`,
  relyingParty: { id: 'clave-movil', name: 'Cl@ve Móvil' },
  asked: ['low', 'substantial', 'high'],
  locale: caller.locale,
  browser: nameOf(parts, activation),
  address: caller.address,
  expires: new Date(expires),
})

/**
 * Document and contrast, then a code by SMS to the registered phone. Until the contrast is right nothing tells whether
 * there is such a person (ENS op.acc.5.7); who is not registered hears so (CITIZEN-03) and may register.
 */
export async function beginActivation(
  parts: MovilParts,
  claim: { readonly document: string; readonly contrast: ContrastClaim },
  caller: Caller,
): Promise<ActivationBegun | Refusal> {
  const activation = parts.random.token(32)
  const expires = parts.clock.in(parts.limits.loginLifetime).getTime()
  const login = loginOf(parts, activation, expires, caller)
  const recognised = await recogniseCitizen(parts, login, claim)
  if (isRefusal(recognised)) return recognised
  const { citizen, known } = recognised
  const admission = admitCitizen(citizen, 'movil')
  if (isRefusal(admission)) return admission
  if (citizen.phone === undefined) return refusal('PIN-04-no-phone')
  const sent = await sendCode(parts, 'device', login, { citizen: citizen.id, phone: citizen.phone })
  if (isRefusal(sent)) return sent
  const begun: Activation = { who: { citizen: citizen.id, document: citizen.document, known }, expires }
  await parts.store.set(keyOf(parts, activation), begun, new Date(expires))
  return { activation, phone: citizen.phone.slice(-3), until: sent.until.toISOString() }
}

export interface Confirmation {
  readonly activation: string
  /** As typed. */
  readonly code: string
  /** The phone's public key, as JWK. */
  readonly key: unknown
  /** "Android, Chrome". */
  readonly name: string
  /** Signed by that key over the activation: nobody activates a key that is not theirs. */
  readonly proof: string
}

export interface Activated {
  readonly device: string
  /** Another phone lost Cl@ve Móvil by it. */
  readonly former: boolean
}

/**
 * The code, and the key that the phone made: from now on this is the citizen's phone, and a former one is none. Code, end
 * and beginning are one transaction: of two phones activated at once one stays, and a code activates one phone.
 * Refused: CODE-01 and CODE-02, MOVIL-02 (no key, or not proven to be the phone's), CITIZEN-02, and what the rules say.
 */
export async function confirmActivation(
  parts: MovilParts,
  { activation, code: typed, key: sent, name, proof }: Confirmation,
  caller: Caller,
): Promise<Activated | Refusal> {
  const begun = (await parts.store.get<Activation>(keyOf(parts, activation)))?.value
  if (!begun) return refusal('CODE-02-dead')
  const login = loginOf(parts, activation, begun.expires, caller)
  await parts.slowDown.check(caller.address, login.relyingParty.id)
  const code = readCode(typed, parts.limits.codeDigits)
  const key = await readKey(sent)
  if (!key || !(await isProven(parts, key, proof, activation))) return refusal('MOVIL-02-not-genuine')
  if (code === undefined) return refusal('CODE-01-wrong')
  const citizen = await parts.citizens.find(begun.who.citizen)
  const admission = admitCitizen(citizen, 'movil')
  if (isRefusal(admission) || !citizen) return isRefusal(admission) ? admission : refusal('CITIZEN-03-not-registered')
  const phone = { citizen, key, name: tidy(name) }
  const done = await redeemAndPut(parts, login, begun.who, code, phone)
  if ('left' in done) return wrongCode(parts, login, begun.who, done.left)
  if (!isRefusal(done)) await parts.store.delete(keyOf(parts, activation))
  return done
}

interface Phone {
  readonly citizen: Citizen
  readonly key: Device['key']
  readonly name: string
}

function redeemAndPut(
  parts: MovilParts,
  login: Login,
  { document, known }: Claimant,
  code: string,
  phone: Phone,
): Promise<Activated | Refusal | { readonly left: number }> {
  return undoable<Activated | Refusal | { readonly left: number }>(parts.db, async (tx, undo) => {
    const redeemed = await redeem(parts, 'device', login, { citizen: phone.citizen.id, code }, tx)
    if (redeemed === 'dead' || redeemed === 'moved') return refusal('CODE-02-dead')
    // Written, so that it counts.
    if ('left' in redeemed) return redeemed
    const heard = await parts.lockout.completed(tx, document, login.browser, known, ['contrast', 'code'])
    if (!heard) undo(refusal('CITIZEN-02-too-many-tries'))
    return (await put(parts, tx, phone, login.address)) ?? undo(refusal('CITIZEN-03-not-registered'))
  })
}

async function wrongCode(parts: MovilParts, login: Login, who: Claimant, left: number): Promise<Refusal> {
  const refused = await countWrongCode(parts, login, who)
  return refused ?? (left > 0 ? refusal('CODE-01-wrong', { count: left }) : refusal('CODE-02-dead'))
}

/** As the phone names itself, of which its owner alone is shown this much. */
const tidy = (name: string): string => name.replace(/\p{C}/gu, '').trim().slice(0, 60).toWellFormed()

/** Asks for another code, to the phone on record; the former one is dead. */
export async function sendAnotherCode(
  parts: MovilParts,
  activation: string,
  caller: Caller,
): Promise<ActivationBegun | Refusal> {
  const begun = (await parts.store.get<Activation>(keyOf(parts, activation)))?.value
  if (!begun) return refusal('CODE-02-dead')
  const citizen = await parts.citizens.find(begun.who.citizen)
  const admission = admitCitizen(citizen, 'movil')
  if (isRefusal(admission)) return admission
  if (citizen?.phone === undefined) return refusal('PIN-04-no-phone')
  const login = loginOf(parts, activation, begun.expires, caller)
  const sent = await sendCode(parts, 'device', login, { citizen: citizen.id, phone: citizen.phone })
  if (isRefusal(sent)) return sent
  return { activation, phone: citizen.phone.slice(-3), until: sent.until.toISOString() }
}

/** The proof is over the activation, so that it fits no other. */
async function isProven(parts: MovilParts, key: Device['key'], proof: string, activation: string): Promise<boolean> {
  const claims = await claimsOf(proof, 'clave-movil-activation+jwt', { key }, ['aud', 'activation', 'iat'])
  return (
    claims !== undefined &&
    claims['aud'] === parts.baseUrl &&
    claims['activation'] === activation &&
    isTimely(claims['iat'], parts.clock.wire())
  )
}

/** Undefined: the registration was given up, or the method blocked, since the code was sent. */
async function put(
  parts: MovilParts,
  tx: Tx,
  { citizen, key, name }: Phone,
  address: string,
): Promise<Activated | undefined> {
  const now = parts.clock.now()
  const device = parts.random.uuid()
  const former = await endPhone(tx, parts, citizen.id, { why: 'another', address })
  const event = eventValues({ kind: 'device-activated', at: now, citizen: citizen.id, data: { device, address } })
  if (!(await putDevice(tx, { id: device, citizen: citizen.id, key, name, now }, event))) return undefined
  const to = { citizen: citizen.id, locale: localeOf(citizen), expires: parts.clock.in(newsLast) }
  const text = { kind: 'movil-activated' } as const
  await layMessage(tx, parts.messages.sms({ key: parts.random.uuid(), ...to, to: citizen.phone, text }))
  return { device, former }
}

/** Seconds after which nobody is told any more that a phone was activated. */
const newsLast = 3 * 86_400
