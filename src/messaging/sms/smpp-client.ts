import type { Pdu } from 'smpp'
import { systemTimers, type Log, type Random, type Timers } from '../../platform/index.ts'
import { backOff, pause } from '../back-off.ts'
import type { Channel, Handed, Outgoing, Receipt } from '../channel.ts'
import { readReceipt } from './receipt.ts'
import { concatenation, segment } from './segments.ts'
import { openLink, statusName, type Link } from './smpp-link.ts'

export interface SmppOptions {
  /** `smpp://systemId:password@host:port`; `smpps://` is the same over TLS. */
  readonly url: string
  /** Who the citizen sees as the sender: up to 11 letters and digits, or a number. */
  readonly sender: string
  readonly random: Random
  readonly log: Log
  readonly onReceipt: (receipt: Receipt) => void
  /** Short messages under way at most, before the gateway has answered. */
  readonly window?: number
  /** Seconds of silence after which an answer is no longer waited for. */
  readonly patience?: number
  readonly enquireEvery?: number
  readonly timers?: Timers
}

export interface SmppClient extends Channel {
  /** For the health of the worker. */
  bound(): boolean
}

/** Refusals that another try cannot mend (SMPP 3.4, 5.1.3). Any other is tried again until the message expires. */
const forGood = new Set([
  'ESME_RINVMSGLEN',
  'ESME_RINVDSTADR',
  'ESME_RINVDSTTON',
  'ESME_RINVDSTNPI',
  'ESME_RX_P_APPN',
  'ESME_RX_R_APPN',
])

/**
 * Keeps one connection to the SMS gateway, again and again. While there is none a message is refused for now at once:
 * the outbox tries later, and nothing piles up here.
 */
export function openSmpp(options: SmppOptions): SmppClient {
  const { timers = systemTimers } = options
  const log = options.log.child({ part: 'sms' })
  const slots = makeSlots(options.window ?? 50)
  const closing = new AbortController()
  let link: Link | undefined

  async function keepBound(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; failures++) {
      const opened = await openLink(linkOptions(options, timers, closing.signal))
      if ('closed' in opened) {
        failures = 0
        link = opened
        log.info({ state: 'connected' }, 'bound to the SMS gateway')
        if (closing.signal.aborted) void opened.unbind()
        await opened.closed
        link = undefined
      }
      if (closing.signal.aborted) return
      log.warn({ state: 'lost', outcome: 'status' in opened ? opened.status : 'closed' }, 'no SMS gateway')
      await pause(backOff(failures, options.random), timers, closing.signal)
    }
  }
  const running = keepBound()

  return {
    bound: () => link !== undefined,
    async send(message) {
      if (!link) return { refused: 'for-now', reason: 'not-connected' }
      return sendParts(message, options.sender, (fields) => slots(async () => link?.ask('submit_sm', fields)))
    },
    async close() {
      closing.abort()
      await slots.idle()
      await link?.unbind()
      await running
    },
  }
}

const linkOptions = (options: SmppOptions, timers: Timers, abandon: AbortSignal) => ({
  url: options.url,
  patience: options.patience ?? 10,
  enquireEvery: options.enquireEvery ?? 30,
  timers,
  abandon,
  heard(pdu: Pdu) {
    const receipt = readReceipt(pdu)
    if (receipt) options.onReceipt(receipt)
  },
})

async function sendParts(
  message: Outgoing,
  sender: string,
  submit: (fields: object) => Promise<Pdu | undefined>,
): Promise<Handed> {
  const { alphabet, parts } = segment(message.text)
  const answers = await Promise.all(
    parts.map((part, index) => {
      // The same reference at every try, so that a phone which gets a part twice puts it in the same place.
      const udh =
        parts.length > 1
          ? concatenation(Number.parseInt(message.id.slice(0, 2), 16), parts.length, index + 1)
          : undefined
      return submit({
        ...addresses(sender, message.to),
        data_coding: alphabet === 'gsm' ? 0 : 8,
        esm_class: udh ? 0x40 : 0,
        short_message: udh ? Buffer.concat([udh, part]) : part,
        validity_period: relativeTime(message.seconds),
        // A receipt of the last part, whatever becomes of it.
        registered_delivery: index === parts.length - 1 ? 1 : 0,
      })
    }),
  )
  return answers.map(handed).reduce((whole, part) => ('refused' in whole ? whole : part))
}

function handed(answer: Pdu | undefined): Handed {
  if (!answer) return { refused: 'for-now', reason: 'no-answer' }
  if (answer.command_status === 0) return { accepted: answer.message_id ?? '' }
  const reason = statusName(answer.command_status)
  return { refused: forGood.has(reason) ? 'for-good' : 'for-now', reason }
}

/** Types of number and numbering plan (SMPP 3.4, 5.2.5): 5 alphanumeric, 1 international; 1 ISDN. */
function addresses(sender: string, to: string): object {
  const numeric = /^\+?\d+$/.test(sender)
  return {
    source_addr_ton: numeric ? 1 : 5,
    source_addr_npi: numeric ? 1 : 0,
    source_addr: sender.replace(/^\+/, ''),
    dest_addr_ton: 1,
    dest_addr_npi: 1,
    destination_addr: to.replace(/^\+/, ''),
  }
}

/** SMPP 3.4, 7.1.1: `YYMMDDhhmmss000R`, relative, so that the gateway's clock does not matter. */
function relativeTime(seconds: number): string {
  const two = (count: number) => String(count).padStart(2, '0')
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ]
  return `0000${two(days)}${two(hours)}${two(minutes)}${two(Math.floor(seconds) % 60)}000R`
}

/** Lets so many run at once, the others in the order of their coming. */
function makeSlots(most: number) {
  const waiting: (() => void)[] = []
  let taken = 0
  let idle = () => {}
  const inSlot = async <T>(work: () => Promise<T>): Promise<T> => {
    if (taken >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else taken++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else if (--taken === 0) idle()
    }
  }
  return Object.assign(inSlot, {
    /** When nothing runs and nothing waits. */
    idle: () => (taken === 0 ? Promise.resolve() : new Promise<void>((resolve) => (idle = resolve))),
  })
}
