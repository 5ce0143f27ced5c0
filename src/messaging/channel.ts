import type { Locale } from '../platform/index.ts'
import type { Subscription } from './push/check-subscription.ts'

/** One way to reach a person. */
export interface Channel<Message = Outgoing> {
  /** Answers once the provider has accepted or refused; never throws, and does not wait for a provider that is away. */
  send(message: Message): Promise<Handed>
  /** Ends what is under way, then the connection. */
  close(): Promise<void>
}

export interface EmailChannel extends Channel<OutgoingEmail> {
  /** Whether the mail server is there, as far as is known: while it is away no message is taken. */
  reachable(): boolean
}

export interface Outgoing {
  /** The outbox's id: the same for every try. */
  readonly id: string
  /** E.164. */
  readonly to: string
  readonly text: string
  /** How long it may still be delivered. */
  readonly seconds: number
}

export interface OutgoingEmail {
  /** The outbox's id: the same for every try. */
  readonly id: string
  /** One address, without a name. */
  readonly to: string
  readonly locale: Locale
  readonly subject: string
  /** Paragraphs, with an empty line between them. */
  readonly text: string
  readonly attachments: readonly Attachment[]
}

export interface OutgoingPush {
  /** The outbox's id: the same for every try. */
  readonly id: string
  readonly to: Subscription
  /** JSON, for our own service worker. */
  readonly payload: string
  /** At most 32 letters, digits, dashes: it replaces what waits for the same subscription under the same one (RFC 8030, 5.4). */
  readonly topic: string
  /** How long it may still be delivered. */
  readonly seconds: number
}

export interface Attachment {
  readonly filename: string
  /** Media type: `application/pdf`. */
  readonly type: string
  readonly content: Buffer
}

/** What came of handing a message to the provider. */
export type Handed =
  /** The provider has it, under this identifier of its own; empty where it gives none that we keep. */
  | { readonly accepted: string }
  /**
   * `for-now`: worth another try, but not within `after` seconds, where the provider said so. `reason`: a code of the
   * protocol, never what the message says.
   */
  | { readonly refused: 'for-now' | 'for-good'; readonly reason: string; readonly after?: number }

/** What the provider tells later of a message that it had accepted. */
export interface Receipt {
  readonly providerId: string
  readonly delivered: boolean
  /** The provider's own word or number for it. */
  readonly reason: string
}
