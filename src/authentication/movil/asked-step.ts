import { Type, type Static } from 'typebox'
import { isRefusal } from '../../refusal/index.ts'
import type { Login, News, Step, StepAnswer } from '../method.ts'
import type { Claimant } from '../prove.ts'
import { sendPin } from '../pin/send-pin.ts'
import { sayAgain } from '../say-again.ts'
import { askPhone, type Asked } from './ask-by-document.ts'
import type { Standing } from './contract.ts'
import { leaveRequest } from './leave-request.ts'
import type { MovilPageParts } from './parts.ts'
import { inGroups, pinAfter, stateAt, type State } from './say-request.ts'
import { settleRequest } from './settle-request.ts'
import { standingOf } from './waiting-table.ts'

/** What the login remembers while the citizen waits for the phone. */
export interface AskedOf extends Asked, Claimant {
  /** The citizen asked for another one. */
  readonly another?: boolean
}

const form = Type.Object({
  /** `again`: ask once more; `pin`: an SMS instead; `qr`, `change`: another way; else what the phone decided is asked for. */
  action: Type.Optional(Type.String({ maxLength: 20 })),
})
type Form = Static<typeof form>

/**
 * Shows the code that is typed in the app, and waits. It looks the same whether or not the person has a phone: that
 * somebody has the app is nobody else's business.
 */
export function askedStep(parts: MovilPageParts): Step<AskedOf, typeof form> {
  return {
    name: 'movil.asked',
    path: '/movil/request',
    template: 'authentication/movil/views/asked.njk',
    form,
    leadsTo: ['pin.code'],
    news: newsOf(parts),
    async show(login, asked) {
      const pin = login.methods?.includes('pin') === true
      const { another = false } = asked
      return {
        ...(await stateOf(parts, asked)),
        code: inGroups(asked.code),
        pin,
        another,
        pinAfter: pinAfter(parts, Date.parse(asked.until)),
      }
    },
    submit: (login, asked, typed) => submit(parts, login, asked, typed),
  }
}

async function submit(parts: MovilPageParts, login: Login, asked: AskedOf, { action }: Form): Promise<StepAnswer> {
  const settled = await settleRequest(parts, login, asked)
  const said = settled && isRefusal(settled) ? sayAgain(settled) : settled
  // A denial is the citizen's last word, whatever the page asks for; that nobody answered is why it asks.
  if (said && isRefusal(said)) return said
  if (action === 'change' || action === 'qr') {
    await leaveRequest(parts, login, asked.request)
    return { next: action === 'qr' ? 'movil.wait' : 'movil.document', data: undefined }
  }
  // `moved`: it was taken, and the login did not go on with it.
  if (!said || 'again' in said || 'moved' in said) {
    if (action === 'again') return askAgain(parts, login, asked)
    if (action === 'pin') return sendInstead(parts, login, asked)
  }
  return said ?? { moved: true }
}

async function askAgain(parts: MovilPageParts, login: Login, asked: AskedOf): Promise<StepAnswer> {
  const again = await askPhone(parts, login, await parts.citizens.find(asked.citizen))
  if (isRefusal(again)) return sayAgain(again)
  return { next: 'movil.asked', data: { ...asked, ...again, another: true } satisfies AskedOf }
}

/** Nothing was confirmed in `limits.movilFallback`: a PIN to the same person, without typing anything again. */
async function sendInstead(parts: MovilPageParts, login: Login, asked: AskedOf): Promise<StepAnswer> {
  if (login.methods?.includes('pin') !== true || pinAfter(parts, Date.parse(asked.until)) > 0) return { moved: true }
  await leaveRequest(parts, login, asked.request)
  const sent = await sendPin(parts, login, await parts.citizens.find(asked.citizen), asked.known)
  return isRefusal(sent) ? sayAgain(sent) : { next: 'pin.code', data: sent }
}

const state = ({ clock }: MovilPageParts, { until }: AskedOf, standing: Standing): State =>
  stateAt(standing, Date.parse(until), clock.now())

const stateOf = async (parts: MovilPageParts, asked: AskedOf) =>
  state(parts, asked, await standingOf(parts.db, asked.request, parts.clock.now()))

const newsOf = (parts: MovilPageParts): News<AskedOf> => ({
  ask: (_login, asked) => stateOf(parts, asked),
  follow: async (_login, asked, tell) =>
    parts.watch.follow(asked.request, (standing) => tell(state(parts, asked, standing))),
})
