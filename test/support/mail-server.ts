import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'
import type { Teardown } from './database.ts'

/** An e-mail as it reached the server. */
export interface Arrived {
  readonly from: string
  readonly to: readonly string[]
  readonly secure: boolean
  readonly user: string | undefined
  readonly raw: string
  readonly email: Email
}

/** A mail server that speaks real SMTP and behaves as it is told. */
export interface MailServer {
  readonly port: number
  readonly arrived: readonly Arrived[]
  /** Connections that began, probes included. */
  readonly connections: number
  /** E-mails that were asked to be taken at once, at most. */
  readonly mostAtOnce: number
  /** Answer to each recipient, to each text, to each sender: undefined takes it; a number refuses with that code. */
  recipient: (address: string) => number | undefined
  content: (to: string) => number | undefined | 'silence'
  sender: () => number | undefined
  /** Answers to texts are held back until `release`. */
  hold(): void
  release(): void
  /** Cuts every connection and no longer listens. */
  stop(): Promise<void>
  /** Listens again, on the same port. */
  start(): Promise<void>
}

export interface MailServerOptions {
  /** TLS from the first octet, or only by STARTTLS, which is offered where there is a certificate. */
  readonly secure?: boolean
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly account?: { readonly user: string; readonly password: string }
}

const refusal = (code: number | undefined) =>
  code === undefined ? null : Object.assign(new Error(`no, for somebody@example.org`), { responseCode: code })

export async function startMailServer(t: Teardown, options: MailServerOptions = {}): Promise<MailServer> {
  const arrived: Arrived[] = []
  let held: (() => void)[] | undefined
  let [port, connections, atOnce, mostAtOnce] = [0, 0, 0, 0]

  const take = async (session: SMTPServerSession, raw: Buffer) => {
    const { envelope, secure } = session
    const user = session.user as string | undefined
    const to = envelope.rcptTo.map(({ address }) => address)
    const from = envelope.mailFrom ? envelope.mailFrom.address : ''
    const email = await PostalMime.parse(raw)
    arrived.push({ from, to, secure, user, raw: raw.toString(), email })
  }
  const make = () =>
    new SMTPServer({
      ...options.tls,
      secure: options.secure ?? false,
      disabledCommands: [...(options.tls ? [] : ['STARTTLS']), ...(options.account ? [] : ['AUTH'])],
      authOptional: !options.account,
      allowInsecureAuth: true,
      logger: false,
      closeTimeout: 10,
      onConnect(_session, done) {
        connections++
        done()
      },
      onAuth({ username, password }, _session, done) {
        const { account } = options
        if (account && username === account.user && password === account.password) done(null, { user: username })
        else done(new Error('who is that?'))
      },
      onMailFrom: (_address, _session, done) => done(refusal(server.sender())),
      onRcptTo: ({ address }, _session, done) => done(refusal(server.recipient(address))),
      onData(stream, session, done) {
        mostAtOnce = Math.max(mostAtOnce, ++atOnce)
        const answer = async (raw: Buffer) => {
          if (held) await new Promise<void>((resolve) => held?.push(resolve))
          atOnce--
          const code = server.content(session.envelope.rcptTo[0]?.address ?? '')
          if (code === 'silence') return
          if (code === undefined) await take(session, raw)
          done(refusal(code))
        }
        // A client that hangs up in the middle of its text gets no answer.
        buffer(stream).then(answer, () => atOnce--)
      },
    }).on('error', () => {})

  let smtp = make()
  const server: MailServer = {
    get port() {
      return port
    },
    arrived,
    get connections() {
      return connections
    },
    get mostAtOnce() {
      return mostAtOnce
    },
    recipient: () => undefined,
    content: () => undefined,
    sender: () => undefined,
    hold() {
      held = []
    },
    release() {
      const waiting = held ?? []
      held = undefined
      for (const go of waiting) go()
    },
    stop: () => new Promise((resolve) => smtp.close(() => resolve())),
    async start() {
      smtp = make()
      const listening = smtp.listen(port, '127.0.0.1')
      await once(listening, 'listening')
      port = (listening.address() as AddressInfo).port
    },
  }
  await server.start()
  t.teardown(() => (smtp.server.listening ? server.stop() : undefined))
  return server
}
