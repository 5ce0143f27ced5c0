import type { Clock, Db, Envelope, JobPayloads, Log, Random, Sweep, Timers } from '../platform/index.ts'
import type { Channel, EmailChannel, Handed, OutgoingPush, Receipt } from './channel.ts'
import { gather } from './gather.ts'
import { makeLanes } from './lanes.ts'
import {
  claimDueMessages,
  claimMessages,
  expireEmails,
  purgeMessages,
  recordOutcomes,
  type Claimed,
  type Outcome,
} from './outbox-table.ts'
import { unseal, type Content } from './sealed-content.ts'
import { takeReceipts } from './take-receipts.ts'

export interface DeliveryParts {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly envelope: Envelope
  readonly log: Log
  readonly sms: Channel
  /** Absent: this installation sends no e-mail, and each ends as failed. */
  readonly email?: EmailChannel
  /** Absent: each push message ends as failed. */
  readonly push?: Channel<OutgoingPush>
  /** The system's unless told. */
  readonly timers?: Timers
}

export interface Delivery {
  /**
   * Sends one message if it is still to be sent: the job `deliver-message`. A push message is only taken, and sent in a
   * lane of its own; where all are busy it waits for one, in the outbox.
   */
  deliver(job: JobPayloads['deliver-message']): Promise<void>
  /** Sends all that is due and that nobody holds: retries, and what a crash left behind. */
  sweepDue(): Promise<void>
  /** For `onReceipt` of the channel. */
  received(receipt: Receipt): void
  /** Waits for push messages and receipts under way: after the worker and the channels were stopped. */
  close(): Promise<void>
  /** Those of the worker: what is due every second, each channel by itself, and once an hour what is long over. */
  readonly sweeps: readonly Sweep[]
}

/** Messages taken in one statement. */
const batch = 50
/** Outcomes written down in one statement: of as many SMS as may be under way, two such. */
const recordsAtOnce = batch / 2
/**
 * Milliseconds between two statements that write down what became of SMS: each is a commit of its own. What a crash within
 * that time loses is sent once more. E-mails and push messages wait for no others: they have few lanes.
 */
const pauseOfRecords = 50
/** E-mails under way at once. */
export const emailsAtOnce = 5
/** Push messages under way at once. */
export const pushesAtOnce = 20
/** Seconds that a message is left to the worker that took it: more than any answer is waited for. */
const claimLasts = 60
/**
 * Seconds at most between two tries: a fortieth of the time that is left, which is 15 s where somebody waits in front of a
 * page for a code of ten minutes, and a quarter of an hour where a reminder lives for days.
 */
const longestPause = (left: number): number => Math.min(900, Math.max(15, left / 40))
/** Days that the bare facts of a message are kept. */
const kept = 30

/**
 * At least once: a worker that dies between the gateway's answer and its record leaves the message to another, which
 * sends the same text again. Never twice at the same time, and never beyond its expiry.
 */
export function makeDelivery(parts: DeliveryParts): Delivery {
  const claim = () => ({ now: parts.clock.now(), until: parts.clock.in(claimLasts) })
  const take = gather<string, Claimed | undefined>(batch, async (ids) => {
    const claimed = new Map((await claimMessages(parts.db, claim(), ids)).map((message) => [message.id, message]))
    return ids.map((id) => claimed.get(id))
  })
  const writeDown = async (outcomes: readonly Outcome[]) => {
    await recordOutcomes(parts.db, outcomes)
    return []
  }
  const recordSms = gather<Outcome, void>(recordsAtOnce, writeDown, pauseOfRecords)
  const record = gather<Outcome, void>(recordsAtOnce, writeDown)
  let smsRecorded = Promise.resolve()
  const sendSms = async (message: Claimed) => {
    const outcome = await handOver(parts, message)
    smsRecorded = recordSms(outcome)
    await smsRecorded
  }
  const send = async (message: Claimed) => record(await handOver(parts, message))
  const receipts = takeReceipts(parts, () => smsRecorded)
  const due = (channel: 'sms' | 'email' | 'push', most: number) => claimDueMessages(parts.db, channel, claim(), most)
  const sweepSms = sweepOfSms((most) => due('sms', most), sendSms)
  const sweepEmails = sweepOfEmails(parts, (most) => due('email', most), send)
  const lanes = makeLanes<Claimed>({
    places: pushesAtOnce,
    work: send,
    next: async () => (await due('push', 1))[0],
    failed: (err) => parts.log.error({ part: 'push', err }, 'push message not recorded'),
  })
  const sweepPushes = () => lanes.open(Infinity, (most) => due('push', most))
  const forget = () => purgeMessages(parts.db, parts.clock.in(-kept * 86_400))
  return {
    async deliver({ id, channel = 'sms' }) {
      if (channel === 'push') return lanes.open(1, async () => [await take(id)].filter((one) => one !== undefined))
      const message = await take(id)
      if (message) await (channel === 'sms' ? sendSms : send)(message)
    },
    async sweepDue() {
      await Promise.all([sweepSms(), sweepEmails(), sweepPushes()])
      await lanes.idle()
    },
    received: (receipt) => receipts.take(receipt),
    async close() {
      await lanes.idle()
      await receipts.close()
    },
    sweeps: [
      { name: 'deliver-due-messages', every: 1, run: sweepSms },
      { name: 'deliver-due-emails', every: 1, run: sweepEmails },
      { name: 'deliver-due-pushes', every: 1, run: sweepPushes },
      { name: 'purge-messages', every: 3600, run: forget },
    ],
  }
}

type TakeDue = (most: number) => Promise<readonly Claimed[]>
type Send = (message: Claimed) => Promise<void>

function sweepOfSms(take: TakeDue, send: Send): () => Promise<void> {
  return async () => {
    for (let taken = batch; taken === batch;) {
      const messages = await take(batch)
      await Promise.all(messages.map(send))
      taken = messages.length
    }
  }
}

/** Each lane takes its next e-mail when it is done with one; while the mail server is away nobody takes any. */
function sweepOfEmails({ db, clock, email }: DeliveryParts, take: TakeDue, send: Send): () => Promise<void> {
  const takeWhenThere: TakeDue = async (most) => ((email?.reachable() ?? true) ? take(most) : [])
  const lane = async (taken: Claimed | undefined) => {
    for (let next = taken; next; [next] = await takeWhenThere(1)) await send(next)
  }
  return async () => {
    await expireEmails(db, clock.now())
    await Promise.all((await takeWhenThere(emailsAtOnce)).map(lane))
  }
}

async function handOver(parts: DeliveryParts, message: Claimed): Promise<Outcome> {
  const { id, attempts } = message
  const end = (state: Outcome['state'], more: Partial<Outcome> = {}): Outcome => ({ id, attempts, state, ...more })
  const seconds = (message.expires.getTime() - parts.clock.now().getTime()) / 1000
  if (seconds <= 0) return end('expired')
  const content = readContent(parts, message)
  if (content?.to === null) return end('dropped')
  const handed: Handed = content
    ? await byChannel(parts, id, { ...content, to: content.to }, seconds)
    : { refused: 'for-now', reason: 'unreadable' }
  if ('accepted' in handed)
    return end('sent', { ...(handed.accepted && { providerId: handed.accepted }), sentAt: parts.clock.now() })
  const { refused, reason, after = 0 } = handed
  parts.log.warn({ messageId: id, attempt: attempts, outcome: reason }, `message refused ${refused}`)
  if (refused === 'for-good') return end('failed', { reason })
  return end('queued', { reason, due: nextTry(parts, message, after) })
}

async function byChannel(parts: DeliveryParts, id: string, content: Addressed, seconds: number): Promise<Handed> {
  const { to, text, email, push } = content
  if (push) {
    const { topic, ...keys } = push
    const message = { id, to: { endpoint: to, ...keys }, payload: text, topic, seconds }
    return parts.push?.send(message) ?? { refused: 'for-good', reason: 'not-configured' }
  }
  if (!email) return parts.sms.send({ id, to, text, seconds })
  return parts.email?.send({ id, to, text, ...email }) ?? { refused: 'for-good', reason: 'not-configured' }
}
type Addressed = Content & { readonly to: string }

/** Nothing where its key is not configured (any more): somebody may still mend that. */
function readContent({ envelope, log }: DeliveryParts, { id, content }: Claimed): Content | undefined {
  try {
    return unseal(envelope, id, content)
  } catch (err) {
    log.error({ messageId: id, err }, 'message does not open')
    return undefined
  }
}

/**
 * 1, 2, 4, 8 … seconds to the longest, each up to a quarter more by chance, but not before the provider wants to be asked
 * again (`after`, seconds); and once more at the expiry, to be blanked.
 */
function nextTry({ clock, random }: DeliveryParts, { attempts, expires }: Claimed, after: number): Date {
  const left = (expires.getTime() - clock.now().getTime()) / 1000
  const pause = Math.min(longestPause(left), 2 ** (attempts - 1)) * (1 + Number(random.digits(3)) / 4000)
  const due = clock.in(Math.max(pause, after))
  return due < expires ? due : expires
}
