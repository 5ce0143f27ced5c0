import smpp, { type Command, type Pdu, type Session } from 'smpp'
import type { Timers } from '../../platform/index.ts'

export interface LinkOptions {
  /** `smpp://systemId:password@host:port`; `smpps://` is the same over TLS. */
  readonly url: string
  /** Seconds of silence after which an answer is no longer waited for. */
  readonly patience: number
  /** Seconds from one enquire_link to the next. */
  readonly enquireEvery: number
  readonly timers: Timers
  /** Ends the attempt to connect; a bound connection is ended by `unbind`. */
  readonly abandon: AbortSignal
  /** Told of each deliver_sm. */
  readonly heard: (pdu: Pdu) => void
}

/** One bound connection to the gateway, until it ends. */
export interface Link {
  /** The gateway's answer; `undefined` when it stayed silent or the connection ended. */
  ask(command: Command, fields?: object): Promise<Pdu | undefined>
  readonly closed: Promise<void>
  unbind(): Promise<void>
}

/** Connects and binds as transceiver (SMPP 3.4, 4.1.5); answers the gateway's status where it does not let us in. */
export async function openLink(options: LinkOptions): Promise<Link | { readonly status: string }> {
  const url = new URL(options.url)
  const tls = url.protocol === 'smpps:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || (tls ? 3550 : 2775))
  const session = smpp.connect({ host, port, tls, ...(tls ? { servername: host } : {}), noDelay: true })
  const connected = new Promise<true>((resolve) => session.once(tls ? 'secureConnect' : 'connect', () => resolve(true)))
  const { ask, closed } = dialogue(session, options)
  const giveUp = () => session.destroy()
  options.abandon.addEventListener('abort', giveUp)
  const answer = (await within(options, connected, closed)) && (await ask('bind_transceiver', credentials(url)))
  options.abandon.removeEventListener('abort', giveUp)
  if (answer?.command_status !== 0) {
    session.destroy()
    return { status: answer ? statusName(answer.command_status) : 'unreachable' }
  }
  keepAlive(options, ask, closed, () => session.destroy())
  return {
    ask,
    closed,
    async unbind() {
      await ask('unbind')
      session.destroy()
      await closed
    },
  }
}

/** What is asked of the gateway, each with its answer or none; what it asks of us is answered here. */
function dialogue(session: Session, { timers, patience, heard }: LinkOptions): Pick<Link, 'ask' | 'closed'> {
  const waiting = new Set<(answer: Pdu | undefined) => void>()
  let alive = true
  const closed = new Promise<void>((resolve) => {
    session.once('close', () => {
      alive = false
      for (const settle of [...waiting]) settle(undefined)
      resolve()
    })
  })
  // A fault of the network or of what was received: either way nothing more can be read here.
  session.on('error', () => session.destroy())
  session.on('pdu', (pdu: Pdu) => {
    if (pdu.isResponse()) return
    session.send(pdu.response())
    if (pdu.command === 'deliver_sm') heard(pdu)
    if (pdu.command === 'unbind') session.close()
  })
  const ask: Link['ask'] = (command, fields = {}) =>
    new Promise((resolve) => {
      if (!alive) return resolve(undefined)
      const settle = (answer: Pdu | undefined) => {
        if (!waiting.delete(settle)) return
        cancel()
        resolve(answer)
      }
      waiting.add(settle)
      const cancel = timers.after(patience * 1000, () => settle(undefined))
      if (!session[command](fields, settle)) settle(undefined)
    })
  return { ask, closed }
}

const credentials = (url: URL) => ({
  system_id: decodeURIComponent(url.username),
  password: decodeURIComponent(url.password),
  interface_version: 0x34,
})

/** `done`, or nothing when the connection ended first or nobody answered in time. */
function within<T>(options: LinkOptions, done: Promise<T>, closed: Promise<void>): Promise<T | undefined> {
  let cancel = () => {}
  const late = new Promise<undefined>((resolve) => {
    cancel = options.timers.after(options.patience * 1000, () => resolve(undefined))
  })
  return Promise.race([done, closed.then(() => undefined), late]).finally(() => cancel())
}

/** Asks now and then whether the gateway is still there (SMPP 3.4, 4.11), and hangs up on one that does not answer. */
function keepAlive(options: LinkOptions, ask: Link['ask'], closed: Promise<void>, hangUp: () => void): void {
  let cancel = () => {}
  const wait = () => {
    cancel = options.timers.after(options.enquireEvery * 1000, () => {
      void ask('enquire_link').then((answer) => (answer ? wait() : hangUp()))
    })
  }
  wait()
  void closed.then(() => cancel())
}

const names = new Map(Object.entries(smpp.errors).map(([name, status]) => [status, name]))

/** ESME_RTHROTTLED and its like; a number where the gateway has statuses of its own. */
export const statusName = (status: number): string => names.get(status) ?? `0x${status.toString(16).padStart(8, '0')}`
