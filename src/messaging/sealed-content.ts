import type { Envelope } from '../platform/index.ts'

/** What is secret of a message while it waits. */
export interface Content {
  /** E.164; null: a decoy. */
  readonly to: string | null
  readonly text: string
}

const context = (id: string) => `outbox.content.${id}`

export const seal = (envelope: Envelope, id: string, content: Content): string =>
  envelope.seal(JSON.stringify(content), context(id))

export const unseal = (envelope: Envelope, id: string, sealed: string): Content =>
  JSON.parse(envelope.open(sealed, context(id)).toString()) as Content
