import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import smpp, { type Pdu, type Session } from 'smpp'
import type { Clock, Random } from '../platform/index.ts'
import type { SentMessage } from './parts.ts'

export interface SmsNetworkParts {
  readonly clock: Clock
  readonly random: Random
  /** 0, the default: any free port. */
  readonly port?: number
  /** How many of the newest messages are kept. */
  readonly kept?: number
  /** Told of each message as it arrives. */
  readonly onMessage?: (message: SentMessage) => void
}

/** A mobile network that is not there: a real SMPP gateway on this machine only, which keeps what others would send. */
export interface SmsNetwork {
  /** For SMPP_URL. */
  readonly url: string
  /** Newest last. */
  messages(): readonly SentMessage[]
  /** Forgets all messages. */
  reset(): void
  close(): Promise<void>
}

export async function startSmsNetwork(parts: SmsNetworkParts): Promise<SmsNetwork> {
  const messages: SentMessage[] = []
  const whole = joinParts()
  const keep = (to: string, text: string) => {
    const message = read(parts, to, text)
    if (messages.push(message) > (parts.kept ?? 1000)) messages.shift()
    parts.onMessage?.(message)
  }
  const server = smpp.createServer({ noDelay: true }, (session) =>
    serve(session, parts.random, (pdu) => {
      const text = whole(pdu)
      if (text !== undefined) keep(`+${pdu.destination_addr}`, text)
    }),
  )
  server.listen(parts.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `smpp://sandbox:sandbox@127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages: () => messages,
    reset: () => messages.splice(0),
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const session of [...server.sessions]) session.destroy()
      await closed
    },
  }
}

function serve(session: Session, random: Random, submitted: (pdu: Pdu) => void): void {
  session.on('error', () => session.destroy())
  session.on('pdu', (pdu: Pdu) => {
    if (pdu.isResponse()) return
    if (pdu.command !== 'submit_sm') session.send(pdu.response())
    else {
      const id = random.token(9)
      session.send(pdu.response({ message_id: id }))
      submitted(pdu)
      if (pdu.registered_delivery === 1) session.deliver_sm(receiptOf(id))
    }
    if (pdu.command === 'unbind') session.close()
  })
}

/** "Delivered", as gateways write it (SMPP 3.4, appendix B). */
const receiptOf = (id: string) => ({
  esm_class: 4,
  short_message: `id:${id} sub:001 dlvrd:001 stat:DELIVRD err:000 text:`,
  receipted_message_id: id,
  message_state: 2,
})

/** Puts the parts of a long message together, as a phone does; answers the text once all of it is there. */
function joinParts(): (pdu: Pdu) => string | undefined {
  const open = new Map<string, (string | undefined)[]>()
  return (pdu) => {
    const text = String(pdu.short_message?.message ?? '')
    const [concatenation] = pdu.short_message?.udh ?? []
    if (!concatenation) return text
    const [, , reference, count = 1, which = 1] = concatenation
    const key = `${pdu.destination_addr} ${reference}`
    const parts = open.get(key) ?? Array<string | undefined>(count).fill(undefined)
    parts[which - 1] = text
    open.set(key, parts)
    if (parts.includes(undefined)) return undefined
    open.delete(key)
    return parts.join('')
  }
}

function read({ clock, random }: SmsNetworkParts, to: string, text: string): SentMessage {
  const code = /^@\S+ #(\S+)$/m.exec(text)?.[1] ?? /\b\d{6}\b/.exec(text)?.[0]
  const message = { id: random.uuid(), at: clock.wire().toISOString(), channel: 'sms', to, text } as const
  return code === undefined ? message : { ...message, code }
}
