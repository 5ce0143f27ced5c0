import type { Citizen } from '../../citizen/index.ts'
import { isRefusal, refusal, type Refusal } from '../../refusal/index.ts'
import { admitCitizen, tooLow } from '../judge-citizen.ts'
import type { Login } from '../method.ts'
import { denialsAllowed } from './device-table.ts'
import { kindOfBrowser } from './kind-of-browser.ts'
import type { MovilParts } from './parts.ts'
import { askByDocument } from './request-table.ts'
import { codeOf } from './round.ts'
import { findSubscription } from './subscription-table.ts'

export interface Asked {
  readonly request: string
  /** To be typed in the app. */
  readonly code: string
  /** ISO 8601. */
  readonly until: string
}

/** Seconds in which `limits.movilRequests` may be sent. */
const window = 600

/**
 * Sends a request to the phone of a citizen whose document and contrast were right. The page looks the same, and the same
 * work is done, whether or not there is a phone, or one that must scan: that somebody has the app is nobody else's business.
 * What waited in the phone before, of any login, waits no more: there is one at a time, and its code is typed.
 * Refused: what the rules say of this citizen, and MOVIL-08 (asked as often as there may be).
 */
export async function askPhone(
  parts: MovilParts,
  login: Login,
  citizen: Citizen | undefined,
): Promise<Asked | Refusal> {
  const admission = admitCitizen(citizen, 'movil')
  if (isRefusal(admission) || !citizen) return isRefusal(admission) ? admission : refusal('CITIZEN-03-not-registered')
  const low = tooLow(admission.best, 'movil', login.asked)
  if (low) return low
  const { clock, random, digest, limits, db } = parts
  const now = clock.now()
  const expires = new Date(Math.min(clock.in(limits.movilLifetime).getTime(), login.expires.getTime()))
  const id = random.token(16)
  const subscription = await findSubscription(parts, citizen.id, denialsAllowed)
  const push = parts.messages.push({
    key: random.uuid(),
    to: subscription,
    citizen: citizen.id,
    locale: login.locale,
    text: { kind: 'request' },
    expires,
  })
  const { application, asked, relyingParty, browser, address, agent } = login
  const place = { address, browser: kindOfBrowser(agent) }
  const one = { id, login: login.id, browser, relyingParty, application, asked, place, now, expires }
  const allowed = { most: limits.movilRequests, since: clock.in(-window), denials: denialsAllowed }
  if (!(await askByDocument(db, one, citizen.id, allowed, push))) return refusal('MOVIL-08-too-many')
  return { request: id, code: codeOf(digest, id), until: expires.toISOString() }
}
