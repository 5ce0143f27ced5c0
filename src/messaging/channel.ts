/** One way to reach a person. */
export interface Channel {
  /** Answers once the provider has accepted or refused; never throws, and does not wait for a provider that is away. */
  send(message: Outgoing): Promise<Handed>
  /** Ends what is under way, then the connection. */
  close(): Promise<void>
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

/** What came of handing a message to the provider. */
export type Handed =
  /** The provider has it, under this identifier of its own. */
  | { readonly accepted: string }
  /** `for-now`: worth another try. `reason`: a code of the protocol, never what the message says. */
  | { readonly refused: 'for-now' | 'for-good'; readonly reason: string }

/** What the provider tells later of a message that it had accepted. */
export interface Receipt {
  readonly providerId: string
  readonly delivered: boolean
  /** The provider's own word or number for it. */
  readonly reason: string
}
