import { systemRandom } from '../platform/index.ts'
import { startEmailNetwork, type EmailNetwork } from './email-network.ts'
import type { MovableClock } from './movable-clock.ts'
import type { SentMessage } from './parts.ts'
import { startPushNetwork, type PushNetwork } from './push-network.ts'
import { keepSent } from './sent-messages.ts'
import { startSmsNetwork, type SmsNetwork } from './sms-network.ts'

/** What a start has opened so far; closed backwards, also when the start fails half-way. */
export type Opened = (() => Promise<unknown>)[]

/** Where messages go: what each channel keeps, and all of it in the order of its arrival. */
export interface Network {
  readonly sms: SmsNetwork
  readonly email: EmailNetwork
  readonly push: PushNetwork
  sent(): readonly SentMessage[]
  reset(): void
}

export async function openNetwork(clock: MovableClock, opened: Opened): Promise<Network> {
  const sent = keepSent()
  const parts = { clock, random: systemRandom, onMessage: sent.add }
  const sms = await startSmsNetwork(parts)
  opened.push(() => sms.close())
  const email = await startEmailNetwork(parts)
  opened.push(() => email.close())
  const push = await startPushNetwork(parts)
  opened.push(() => push.close())
  const reset = () => [sms.reset, email.reset, push.reset, sent.forget].forEach((forget) => forget())
  return { sms, email, push, sent: sent.all, reset }
}
