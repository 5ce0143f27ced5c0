import { createTransport, type NodemailerError, type SendMailOptions, type SMTPPoolOptions } from 'nodemailer'
import { systemTimers, type Log, type Random, type Timers } from '../../platform/index.ts'
import { backOff, pause } from '../back-off.ts'
import type { EmailChannel, Handed, OutgoingEmail } from '../channel.ts'
import { emailHtml } from './email-html.ts'
import { inOneLine } from './email-text.ts'

export interface SmtpOptions {
  /**
   * `smtps://user:password@host:port` is TLS from the first octet (port 465), `smtp://…` STARTTLS (port 587), without
   * which nothing is sent; `smtp://…?starttls=no`, or a host on this machine, is neither.
   */
  readonly url: string
  /** Address of the sender. */
  readonly from: string
  /** Our own host: by it we greet the server, and it stands in each Message-ID. */
  readonly host: string
  readonly random: Random
  readonly log: Log
  /** Connections at most. */
  readonly connections?: number
  /** Seconds that a message may take in all; less than its claim lasts. */
  readonly patience?: number
  /** Seconds that closing waits for what is under way. */
  readonly grace?: number
  readonly timers?: Timers
}

/**
 * Keeps watch over the mail server: while it is away it is asked again and again, and each message is refused for now at
 * once. What is under way for too long is given up, so that a server that dribbles its answers holds nobody.
 */
export function openSmtp(options: SmtpOptions): EmailChannel {
  const { timers = systemTimers, patience = 30, grace = 4 } = options
  const log = options.log.child({ part: 'email' })
  const transport = createTransport(transportOptions(options))
  const closing = new AbortController()
  const underWay = new Map<AbortController, Promise<unknown>>()
  let reachable = false

  const probe = (): Promise<string | undefined> =>
    Promise.race([
      transport.verify().then(() => undefined, reasonOf),
      new Promise<string>((resolve) => closing.signal.addEventListener('abort', () => resolve('closed'))),
    ])
  async function keepAsking(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; failures++) {
      const fault = await probe()
      if (closing.signal.aborted) return
      if (fault === undefined) {
        reachable = true
        log.info({ state: 'connected' }, 'the mail server is there')
        return
      }
      log.warn({ state: 'lost', outcome: fault }, 'no mail server')
      await pause(backOff(failures, options.random), timers, closing.signal)
    }
  }
  let asking = keepAsking()
  const lost = (outcome: string) => {
    if (!reachable) return
    reachable = false
    log.warn({ state: 'lost', outcome }, 'no mail server')
    asking = keepAsking()
  }

  const hand = (message: OutgoingEmail, signal: AbortSignal): Promise<Handed> => {
    const messageId = `<${message.id}@${options.host}>`
    return transport.sendMail({ ...written(message, options.from), messageId, signal }).then(
      () => ({ accepted: messageId }),
      (error: NodemailerError) => {
        if (isOfConnection(error)) lost(reasonOf(error))
        return { refused: isForGood(error) ? 'for-good' : 'for-now', reason: reasonOf(error) }
      },
    )
  }
  return {
    reachable: () => reachable,
    async send(message) {
      if (!reachable) return { refused: 'for-now', reason: 'not-connected' }
      if (!isAddress(message.to)) return { refused: 'for-good', reason: 'bad-address' }
      const giveUp = new AbortController()
      const cancel = timers.after(patience * 1000, () => giveUp.abort())
      const handed = hand(message, giveUp.signal)
      underWay.set(giveUp, handed)
      return handed.finally(() => {
        cancel()
        underWay.delete(giveUp)
      })
    },
    async close() {
      reachable = false
      closing.abort()
      const cancel = timers.after(grace * 1000, () => underWay.forEach((_handed, giveUp) => giveUp.abort()))
      await Promise.all(underWay.values())
      cancel()
      transport.close()
      await asking
    },
  }
}

// Milliseconds: of silence at each step; all of it together is bounded by `patience`.
const timeOuts = { dnsTimeout: 5_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 }

function transportOptions({ url: given, host: name, connections = 5 }: SmtpOptions): SMTPPoolOptions & { pool: true } {
  const url = new URL(given)
  const secure = url.protocol === 'smtps:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const starttls = url.searchParams.get('starttls') ?? (isThisMachine(host) ? 'no' : 'yes')
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
  return {
    pool: true,
    host,
    port: Number(url.port || (secure ? 465 : 587)),
    secure,
    requireTLS: !secure && starttls !== 'no',
    ignoreTLS: starttls === 'no',
    ...(user === '' ? {} : { auth: { user, pass }, forceAuth: true }),
    name,
    maxConnections: connections,
    // A connection that the server ended while nothing was under way is replaced; the outbox sees to the rest.
    maxRequeues: 1,
    idleTimeout: 30_000,
    ...timeOuts,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  }
}

const isThisMachine = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)

function written({ to, locale, subject, text, attachments }: OutgoingEmail, from: string): SendMailOptions {
  return {
    // As parts, not as a text to be parsed: an address stays one address.
    from: { name: 'Cl@ve', address: from },
    to: { name: '', address: to },
    envelope: { from, to },
    subject: inOneLine(subject),
    text,
    html: emailHtml(locale, inOneLine(subject), text),
    attachments: attachments.map(({ filename, type, content }) => ({
      filename: inOneLine(filename).replace(/[/\\]/g, '-'),
      contentType: /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream',
      content,
    })),
    // RFC 3834: nobody's holiday notice answers this.
    headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': locale },
  }
}

/** One mailbox, in letters of any alphabet (RFC 6532), without what has a meaning to SMTP or in a header. */
const isAddress = (to: string): boolean =>
  to.length <= 254 && /^[^\s\p{C}<>()[\]\\,;:@"]+@[^\s\p{C}<>()[\]\\,;:@"]+$/u.test(to)

/** `smtp-550`, or the code by which Node or the library names the fault. */
const reasonOf = ({ responseCode, code }: NodemailerError): string =>
  responseCode === undefined || code === 'ETLS' ? (code ?? 'unknown') : `smtp-${responseCode}`

const ofConnection = ['ECONNECTION', 'ESOCKET', 'ETIMEDOUT', 'EDNS', 'ETLS', 'EAUTH', 'ENOAUTH', 'EPROTOCOL']
const isOfConnection = ({ code = '' }: NodemailerError): boolean => ofConnection.includes(code)

/**
 * A refusal of this recipient or this text, which another try cannot mend (RFC 5321, 4.2.1: 5yz). One of our account or
 * our sender (AUTH, MAIL FROM, 530) is for somebody to mend, and 503 is a session gone wrong.
 */
function isForGood({ code, command, responseCode }: NodemailerError): boolean {
  const refusal = code === 'EMESSAGE' || (code === 'EENVELOPE' && (command === 'RCPT TO' || command === 'API'))
  // Without an answer it was the library that saw it coming: larger than the server takes, an address that SMTP cannot say.
  return refusal && (responseCode === undefined || (responseCode >= 500 && ![503, 530].includes(responseCode)))
}
