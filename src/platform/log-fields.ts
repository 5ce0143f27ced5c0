/** What a field of the log may hold. `name` is a short word of ours, never what a person typed. */
export type FieldKind = 'name' | 'number' | 'error'

export interface LogField {
  readonly kind: FieldKind
  readonly what: string
}

/**
 * Every field that a log line may have. The log drops what is not here, so that a document or a code cannot reach it by
 * an object being logged whole (clave-domain, "Never"). No field is for an address, a query string, a cookie or a body.
 */
export const logFields = {
  reqId: { kind: 'name', what: 'Identifier of the request, from a trusted proxy or drawn.' },
  method: { kind: 'name', what: 'HTTP method.' },
  route: { kind: 'name', what: 'Template of the route: `/login/:id/pin/code`, never the address itself.' },
  status: { kind: 'number', what: 'HTTP status answered.' },
  ms: { kind: 'number', what: 'How long it took, in milliseconds.' },
  err: { kind: 'error', what: 'Name, code and stack of an error, without its message, which may quote values.' },
  relyingParty: { kind: 'name', what: 'Identifier of the agency.' },
  outcome: {
    kind: 'name',
    what: 'How it ended: a code of docs/errors.md, of OAuth, of the SMS gateway, of the mail server or of a push service.',
  },
  certificate: { kind: 'name', what: 'SHA-256 of a certificate, of an agency or of ours, hex.' },
  anchor: {
    kind: 'name',
    what: 'End of the sealed audit: number and hash of its last batch (docs/runbooks/audit.md).',
  },
  days: { kind: 'number', what: 'How many days are left.' },
  job: { kind: 'name', what: 'Name of a job.' },
  messageId: { kind: 'name', what: 'Identifier of a message in the outbox.' },
  attempt: { kind: 'number', what: 'Which try it was, from 1.' },
  count: { kind: 'number', what: 'How many.' },
  part: { kind: 'name', what: 'Which part of the service speaks: `sms`, `email`, `push`, `store`, `worker`.' },
  state: {
    kind: 'name',
    what: 'The state that the part went into: `connected`, `lost`; or that a key is in: `current`, `next`.',
  },
  step: { kind: 'name', what: 'Step of starting or stopping.' },
  signal: { kind: 'name', what: 'Signal that ended the process.' },
  origin: { kind: 'name', what: 'Where the service listens.' },
  field: { kind: 'name', what: 'Name of a field that the log was given and does not know.' },
} as const satisfies Record<string, LogField>

type ValueOf<Kind extends FieldKind> = { name: string; number: number; error: unknown }[Kind]

/** The fields as code gives them; one that the table does not know does not compile. */
export type LogFields = {
  readonly [Name in keyof typeof logFields]?: ValueOf<(typeof logFields)[Name]['kind']> | undefined
}
