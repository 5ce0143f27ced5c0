import type { Envelope, Locale } from '../platform/index.ts'
import type { Attachment } from './channel.ts'
import type { Subscription } from './push/check-subscription.ts'

/** What is secret of a message while it waits. */
export interface Content {
  /** E.164, an e-mail address, or the endpoint of a subscription; null: a decoy. */
  readonly to: string | null
  readonly text: string
  /** What an e-mail has beside its text. */
  readonly email?: EmailContent
  /** What a push message has beside its text. */
  readonly push?: PushContent
}

/** Of the subscription all but its endpoint, and the topic. */
export interface PushContent extends Omit<Subscription, 'endpoint'> {
  readonly topic: string
}

export interface EmailContent {
  readonly locale: Locale
  readonly subject: string
  readonly attachments: readonly Attachment[]
}

const context = (id: string) => `outbox.content.${id}`

export function seal(envelope: Envelope, id: string, { email, ...content }: Content): string {
  const attachments = email?.attachments.map((one) => ({ ...one, content: one.content.toString('base64') }))
  return envelope.seal(JSON.stringify(email ? { ...content, email: { ...email, attachments } } : content), context(id))
}

export function unseal(envelope: Envelope, id: string, sealed: string): Content {
  const { email, ...content } = JSON.parse(envelope.open(sealed, context(id)).toString()) as Sealed
  if (!email) return content
  const attachments = email.attachments.map((one) => ({ ...one, content: Buffer.from(one.content, 'base64') }))
  return { ...content, email: { ...email, attachments } }
}

/** The same in JSON: an attachment's octets in base64. */
interface Sealed extends Omit<Content, 'email'> {
  readonly email?: Omit<EmailContent, 'attachments'> & {
    readonly attachments: readonly (Omit<Attachment, 'content'> & { readonly content: string })[]
  }
}
