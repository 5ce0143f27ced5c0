import { eventValues } from '../../audit/index.ts'
import type { Tx } from '../../platform/index.ts'
import { layMessage } from '../../registration/index.ts'
import { localeOf } from '../permanente/tell.ts'
import { endDevice, lockPhone, type EndWhy } from './device-table.ts'
import type { MovilParts } from './parts.ts'
import { openSubscription } from './subscription-table.ts'

/** Why a phone ends, and where that was asked. */
export interface PhoneEnding {
  readonly why: EndWhy
  readonly browser?: string | undefined
  readonly address?: string | undefined
}

export type EndPhoneParts = Pick<MovilParts, 'clock' | 'random' | 'envelope' | 'messages'>

/** Seconds after which an ended phone is not told any more. */
const newsLast = 86_400

/**
 * Ends the citizen's phone: from the commit on nothing that it signed or signs counts, an approval that no login has taken
 * yet included. The phone itself is pushed the news. False: there was none.
 */
export async function endPhone(
  tx: Tx,
  parts: EndPhoneParts,
  citizen: string,
  { why, browser, address }: PhoneEnding,
): Promise<boolean> {
  const now = parts.clock.now()
  await lockPhone(tx, citizen)
  const event = eventValues({ kind: 'device-ended', at: now, citizen, data: { why, browser, address } })
  const ended = await endDevice(tx, { citizen, why, now }, event)
  if (ended?.sealed !== undefined) {
    const push = parts.messages.push({
      key: parts.random.uuid(),
      to: openSubscription(parts, ended.device, ended.sealed),
      citizen,
      locale: localeOf(ended),
      text: { kind: 'device-ended' },
      expires: parts.clock.in(newsLast),
    })
    await layMessage(tx, push)
  }
  return ended !== undefined
}
