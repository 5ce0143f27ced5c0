import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import PostalMime from 'postal-mime'
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server'
import type { Clock, Random } from '../platform/index.ts'
import type { SentAttachment, SentMessage } from './parts.ts'

export interface EmailNetworkParts {
  readonly clock: Clock
  readonly random: Random
  /** 0, the default: any free port. */
  readonly port?: number
  /** How many of the newest e-mails are kept. */
  readonly kept?: number
  /** Told of each e-mail as it arrives. */
  readonly onMessage?: (message: SentMessage) => void
}

/** The world's mail boxes that are not there: a real SMTP server on this machine only, which keeps what others would send. */
export interface EmailNetwork {
  /** For SMTP_URL. */
  readonly url: string
  /** Newest last. */
  messages(): readonly SentMessage[]
  /** The `nth` attachment, from 0, of the e-mail with this id. */
  attachment(id: string, nth: number): SentAttachment | undefined
  /** Forgets all e-mails. */
  reset(): void
  close(): Promise<void>
}

interface Kept {
  readonly message: SentMessage
  readonly attachments: readonly SentAttachment[]
}

export async function startEmailNetwork(parts: EmailNetworkParts): Promise<EmailNetwork> {
  const kept: Kept[] = []
  const keep = async (to: string, stream: SMTPServerDataStream) => {
    const email = await read(parts, to, await buffer(stream))
    if (kept.push(email) > (parts.kept ?? 1000)) kept.shift()
    parts.onMessage?.(email.message)
  }
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(null, { user: 'sandbox' }),
    onData(stream, { envelope }, done) {
      const to = envelope.rcptTo.map(({ address }) => address).join(', ')
      keep(to, stream).then(() => done(null, 'kept'), done)
    },
    logger: false,
  })
  // A client that hangs up in the middle of a word is no fault of the sandbox.
  server.on('error', () => {})
  const listening = server.listen(parts.port ?? 0, '127.0.0.1')
  await once(listening, 'listening')
  return {
    url: `smtp://sandbox:sandbox@127.0.0.1:${(listening.address() as AddressInfo).port}`,
    messages: () => kept.map(({ message }) => message),
    attachment: (id, nth) => kept.find(({ message }) => message.id === id)?.attachments[nth],
    reset: () => void kept.splice(0),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

async function read({ clock, random }: EmailNetworkParts, to: string, raw: Buffer): Promise<Kept> {
  const email = await PostalMime.parse(raw, { attachmentEncoding: 'arraybuffer' })
  const id = random.uuid()
  const attachments = email.attachments.map(({ filename, mimeType, content }) => ({
    filename: filename ?? 'attachment',
    type: mimeType,
    content: Buffer.from(content as ArrayBuffer),
  }))
  const text = (email.text ?? '').trim()
  const [, code] = /^([0-9A-Z-]{4,20})$/m.exec(text) ?? []
  const [url] = /https?:\/\/\S+/.exec(text) ?? []
  const message: SentMessage = {
    id,
    at: clock.wire().toISOString(),
    channel: 'email',
    to,
    subject: email.subject ?? '',
    text,
    ...(code === undefined ? {} : { code }),
    ...(url === undefined ? {} : { url }),
    ...(attachments.length === 0 ? {} : { attachments: attachments.map((one, nth) => told(id, one, nth)) }),
  }
  return { message, attachments }
}

const told = (id: string, { filename, type, content }: SentAttachment, nth: number) => ({
  filename,
  type,
  size: content.length,
  url: `/sandbox/api/messages/${id}/attachments/${nth}`,
})
