import { Type, type Static } from 'typebox'
import { isRefusal } from '../../refusal/index.ts'
import type { Login, News, Step, StepAnswer } from '../method.ts'
import { sayAgain } from '../say-again.ts'
import { drawQr } from './draw-qr.ts'
import { leaveRequest } from './leave-request.ts'
import type { MovilPageParts } from './parts.ts'
import { codeOf, findRound, openRound, renewRound, renewsIn, tokenOf, type Round } from './round.ts'
import { inGroups, pinAfter, stateAt, type State } from './say-request.ts'
import { settleRequest } from './settle-request.ts'
import { standingOf } from './waiting-table.ts'

const form = Type.Object({
  /** `again`: another QR; `document`: by document and contrast; else what the phone decided is asked for. */
  action: Type.Optional(Type.String({ maxLength: 20 })),
})
type Form = Static<typeof form>

/** Shows the QR and the code, and waits for the phone that scans it. */
export function waitStep(parts: MovilPageParts): Step<unknown, typeof form> {
  return {
    name: 'movil.wait',
    path: '/movil',
    template: 'authentication/movil/views/wait.njk',
    form,
    news: newsOf(parts),
    async show(login) {
      const round = await openRound(parts, login)
      const now = await stateOf(parts, round)
      const code = inGroups(codeOf(parts.digest, round.id))
      const pin = login.methods?.includes('pin') === true
      return { ...now, ...drawnOf(parts, round), code, pin, pinAfter: pinAfter(parts, round.expires) }
    },
    submit: (login, _data, typed) => submit(parts, login, typed),
  }
}

/** Ends the login's round, and what a phone has scanned of it. */
export async function leaveRound(parts: MovilPageParts, login: Login): Promise<void> {
  const round = await findRound(parts, login)
  if (round) await leaveRequest(parts, login, round.id)
}

async function submit(parts: MovilPageParts, login: Login, { action }: Form): Promise<StepAnswer> {
  const round = await findRound(parts, login)
  const settled = round && (await settleRequest(parts, login, { request: round.id, known: false }))
  const said = settled && isRefusal(settled) ? sayAgain(settled) : settled
  // A denial is the citizen's last word, whatever the page asks for.
  if (said && isRefusal(said)) return said
  if (action === 'document' || action === 'again') {
    await leaveRound(parts, login)
    return action === 'document' ? { next: 'movil.document', data: undefined } : { moved: true }
  }
  // What is shown again is another QR: the request of this one is over.
  if (said && 'again' in said) await renewRound(parts, login)
  return said ?? { moved: true }
}

async function stateOf({ db, clock }: MovilPageParts, { id, expires }: Round): Promise<State> {
  const now = clock.now()
  return stateAt(await standingOf(db, id, now), expires, now)
}

/** The QR as a picture, where it leads, and how many seconds it lasts. */
function drawnOf(parts: MovilPageParts, round: Round): Record<string, unknown> {
  const href = `${parts.baseUrl}/app/scan#${tokenOf(parts, round)}`
  return { qr: drawQr(href), href, renewsIn: Math.ceil(renewsIn(parts) / 1000) }
}

function newsOf(parts: MovilPageParts): News {
  return {
    async ask(login) {
      const round = await findRound(parts, login)
      if (!round) return stateAt('gone', 0, parts.clock.now())
      const now = await stateOf(parts, round)
      // One that a phone has scanned is nobody else's, and needs no QR.
      return now.standing === 'waiting' && now.seconds > 0 ? { ...now, ...drawnOf(parts, round) } : now
    },
    async follow(login, _data, tell) {
      const round = await findRound(parts, login)
      if (!round) return () => undefined
      return parts.watch.follow(round.id, (standing) => tell(stateAt(standing, round.expires, parts.clock.now())))
    },
  }
}
