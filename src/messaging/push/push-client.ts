import {
  makeConfinedRequest,
  systemTimers,
  type Clock,
  type ConfinedFault,
  type ConfinedOptions,
  type Log,
  type Timers,
} from '../../platform/index.ts'
import type { Channel, Handed, OutgoingPush } from '../channel.ts'
import { endpointDigest, isEndpoint, type EndpointRules } from './check-subscription.ts'
import type { PushKey } from './push-key.ts'

export interface PushOptions extends EndpointRules, ConfinedOptions {
  /** PUSH_CONTACT: `mailto:` or https, for the push services (RFC 8292, 2.1). BASE_URL unless told. */
  readonly contact?: string
  /** Asked for until it is there, and kept then. */
  readonly key: () => Promise<PushKey>
  readonly clock: Clock
  readonly log: Log
  /** Told that a subscription has ended (`endpointDigest`), before its message does: when it throws, it is told again. */
  readonly onGone?: (endpointDigest: string) => Promise<void>
  /** Seconds that a message may take, from the name's resolution to the answer's status; less than its claim lasts. */
  readonly patience?: number
  /** Seconds that closing waits for what is under way. */
  readonly grace?: number
  readonly timers?: Timers
}

/**
 * Hands messages to the push services of the browsers (RFC 8030), encrypted for the one browser (RFC 8291), signed with
 * our key (RFC 8292). `web-push` writes the request; it is sent by our own confined one, since anybody can name an
 * endpoint. Of the answer nothing but status and headers is read.
 */
export function openWebPush(options: PushOptions): Channel<OutgoingPush> {
  const { timers = systemTimers, patience = 5, grace = 2 } = options
  const ask = makeConfinedRequest(options)
  const underWay = new Map<AbortController, Promise<Handed>>()
  let key: PushKey | undefined
  let closed = false

  async function hand(message: OutgoingPush, signal: AbortSignal): Promise<Handed> {
    if (!isEndpoint(message.to.endpoint, options)) return { refused: 'for-good', reason: 'bad-endpoint' }
    try {
      key ??= await options.key()
    } catch (err) {
      options.log.error({ part: 'push', err }, 'the key for push services does not open')
      return { refused: 'for-now', reason: 'no-key' }
    }
    const written = await write(message, contactOf(options), key)
    if (!written) return { refused: 'for-good', reason: 'bad-subscription' }
    const answer = await ask(new URL(message.to.endpoint), { method: 'POST', ...written, signal })
    if ('fault' in answer)
      return { refused: lasting.has(answer.fault) ? 'for-good' : 'for-now', reason: reasonOf(answer) }
    answer.destroy()
    const { statusCode = 0, headers } = answer
    // A subscription that ended (RFC 8030, 7.3).
    if (statusCode === 404 || statusCode === 410) return tellGone(message)
    return judge(statusCode, headers['retry-after'], options.clock)
  }

  async function tellGone({ to }: OutgoingPush): Promise<Handed> {
    try {
      await options.onGone?.(endpointDigest(to.endpoint))
      return { refused: 'for-good', reason: 'gone' }
    } catch (err) {
      options.log.error({ part: 'push', err }, 'an ended subscription was not dropped')
      return { refused: 'for-now', reason: 'gone' }
    }
  }

  return {
    async send(message) {
      if (closed) return { refused: 'for-now', reason: 'closed' }
      const giveUp = new AbortController()
      // Nothing leaves after its time: the push service counts the seconds from when it has the message.
      const cancel = timers.after(Math.min(patience, message.seconds) * 1000, () => giveUp.abort())
      const handed = hand(message, giveUp.signal)
      underWay.set(giveUp, handed)
      return handed.finally(() => {
        cancel()
        underWay.delete(giveUp)
      })
    },
    async close() {
      closed = true
      const cancel = timers.after(grace * 1000, () => underWay.forEach((_handed, giveUp) => giveUp.abort()))
      await Promise.all(underWay.values())
      cancel()
    },
  }
}

/** Faults that another try cannot mend. */
const lasting = new Set(['not-https', 'private-address'])
const reasonOf = ({ fault, code }: ConfinedFault): string => code ?? (fault === 'aborted' ? 'no-answer' : fault)

/** An http BASE_URL is this machine's, which is no contact. */
function contactOf({ contact, baseUrl }: PushOptions): string {
  const { protocol, hostname } = new URL(baseUrl)
  return contact ?? (protocol === 'https:' ? baseUrl : `mailto:no-reply@${hostname}`)
}

/** Nothing where the subscription's keys are none: they were checked when it was stored. */
async function write({ to, payload, topic, seconds }: OutgoingPush, subject: string, key: PushKey) {
  // Loaded by the first message, and so by the worker only.
  const { default: webPush } = await import('web-push')
  try {
    const { headers, body } = webPush.generateRequestDetails(
      { endpoint: to.endpoint, keys: { p256dh: to.p256dh, auth: to.auth } },
      payload,
      { vapidDetails: { subject, ...key }, TTL: Math.floor(seconds), urgency: 'high', topic },
    )
    return { headers: { ...(headers as Record<string, string | number>), 'user-agent': 'clave' }, body }
  } catch {
    return undefined
  }
}

function judge(status: number, retryAfter: string | undefined, clock: Clock): Handed {
  if (status >= 200 && status < 300) return { accepted: '' }
  const reason = `http-${status}`
  if (status !== 408 && status !== 429 && status < 500) return { refused: 'for-good', reason }
  const after = secondsUntil(retryAfter, clock)
  return { refused: 'for-now', reason, ...(after === undefined ? {} : { after }) }
}

/** Retry-After (RFC 9110, 10.2.3): seconds, or a date. */
function secondsUntil(retryAfter: string | undefined, clock: Clock): number | undefined {
  if (retryAfter === undefined) return undefined
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter)
  const at = retryAfter.endsWith(' GMT') ? Date.parse(retryAfter) : NaN
  return Number.isNaN(at) ? undefined : Math.max(0, (at - clock.wire().getTime()) / 1000)
}
