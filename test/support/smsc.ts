import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import smpp, { type Pdu, type Session } from 'smpp'
import type { Teardown } from './database.ts'

/** A short message as it reached the gateway. */
export interface Submitted {
  readonly from: string
  readonly to: string
  readonly text: string
  readonly dataCoding: number
  /** The user data header, octet by octet, where the message is one of several parts. */
  readonly header: readonly number[] | undefined
  readonly validity: Date | string | undefined
  readonly receiptAsked: boolean
  /** What the gateway called it; absent where it was refused or left without an answer. */
  readonly messageId: string | undefined
}

/** An SMS gateway (SMSC) that speaks real SMPP over TCP or TLS and behaves as it is told. */
export interface Smsc {
  readonly url: string
  readonly submitted: readonly Submitted[]
  readonly binds: readonly { readonly systemId: string; readonly password: string }[]
  readonly enquiries: number
  readonly unbinds: number
  /** Status of each answer to submit_sm: ESME_ROK unless told otherwise; `silence`: none is ever given. */
  answer: (message: { readonly to: string }) => string | 'silence'
  /** Status of each answer to a bind. */
  bindStatus: string
  /** Whether enquire_link is answered. */
  alive: boolean
  /** Answers to submit_sm that are held back until `release`. */
  hold(): void
  release(): void
  /** Sends a delivery receipt, as text and, unless told otherwise, with its parameters. */
  receipt(messageId: string, state: keyof typeof stateNumbers, parameters?: boolean): void
  /** Sends a request to the one client that is bound; resolves with the name of its answer. */
  ask(command: 'enquire_link' | 'unbind'): Promise<string>
  /** Sends these octets as they are. */
  babble(octets: Buffer): void
  /** Cuts every connection, without a goodbye. */
  cut(): void
  /** Cuts every connection and no longer listens. */
  stop(): Promise<void>
  /** Listens again, on the same port. */
  start(): Promise<void>
}

const stateNumbers = { ENROUTE: 1, DELIVRD: 2, EXPIRED: 3, UNDELIV: 5, REJECTD: 8 } as const

export async function startSmsc(
  t: Teardown,
  tls: { key: string; cert: string } | undefined = undefined,
): Promise<Smsc> {
  const submitted: Submitted[] = []
  const binds: { systemId: string; password: string }[] = []
  const sessions = new Set<Session>()
  let held: (() => void)[] | undefined
  let [enquiries, unbinds, sequence, port] = [0, 0, 0, 0]

  function submit(session: Session, pdu: Pdu) {
    const status = smsc.answer({ to: `+${pdu.destination_addr}` })
    const messageId = status === 'ESME_ROK' ? `m${++sequence}` : undefined
    submitted.push(read(pdu, messageId))
    if (status === 'silence') return
    const answer = () =>
      void session.send(pdu.response({ command_status: smpp.errors[status], message_id: messageId ?? '' }))
    if (held) held.push(answer)
    else answer()
  }

  const listen = (session: Session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    session.on('error', () => {})
    session.on('bind_transceiver', (pdu: Pdu) => {
      binds.push({ systemId: pdu.system_id ?? '', password: pdu.password ?? '' })
      session.send(pdu.response({ command_status: smpp.errors[smsc.bindStatus] }))
    })
    session.on('submit_sm', (pdu: Pdu) => submit(session, pdu))
    session.on('enquire_link', (pdu: Pdu) => {
      enquiries++
      if (smsc.alive) session.send(pdu.response())
    })
    session.on('unbind', (pdu: Pdu) => {
      unbinds++
      session.send(pdu.response())
      session.close()
    })
  }

  let server = smpp.createServer({ ...tls }, listen)
  const smsc: Smsc = {
    get url() {
      return `${tls ? 'smpps' : 'smpp'}://clave:secreto@localhost:${port}`
    },
    submitted,
    binds,
    get enquiries() {
      return enquiries
    },
    get unbinds() {
      return unbinds
    },
    answer: () => 'ESME_ROK',
    bindStatus: 'ESME_ROK',
    alive: true,
    hold() {
      held = []
    },
    release() {
      const answers = held ?? []
      held = undefined
      for (const answer of answers) answer()
    },
    receipt(messageId, state, parameters = true) {
      const text = `id:${messageId} sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:${state} err:000 text:`
      const values = parameters ? { receipted_message_id: messageId, message_state: stateNumbers[state] } : {}
      for (const session of sessions) session.deliver_sm({ esm_class: 4, short_message: text, ...values })
    },
    ask: (command) =>
      new Promise((resolve) => {
        for (const session of sessions) session[command]({}, (answer) => resolve(answer.command))
      }),
    babble(octets) {
      for (const session of sessions) session.socket.write(octets)
    },
    cut() {
      for (const session of sessions) session.destroy()
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      smsc.cut()
      await closed
    },
    async start() {
      server = smpp.createServer({ ...tls }, listen)
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
      port = (server.address() as AddressInfo).port
    },
  }
  await smsc.start()
  t.teardown(() => (server.listening ? smsc.stop() : undefined))
  return smsc
}

function read(pdu: Pdu, messageId: string | undefined): Submitted {
  const header = pdu.short_message?.udh?.flatMap((element) => [...element])
  return {
    from: pdu.source_addr ?? '',
    to: `+${pdu.destination_addr}`,
    text: String(pdu.short_message?.message ?? ''),
    dataCoding: pdu.data_coding ?? 0,
    header,
    validity: pdu.validity_period,
    receiptAsked: ((pdu.registered_delivery ?? 0) & 1) === 1,
    messageId,
  }
}

/** The whole texts, parts put together again by their header, in the order of their first part. */
export function texts(submitted: readonly Submitted[]): string[] {
  const whole = new Map<string, string>()
  submitted.forEach((part, index) => {
    const key = part.header ? `${part.to} ${part.header[2]}` : String(index)
    whole.set(key, (whole.get(key) ?? '') + part.text)
  })
  return [...whole.values()]
}
