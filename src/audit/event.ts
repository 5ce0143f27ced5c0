import { eventKinds, type EventKind, type Field } from './events.ts'

type ValueOf<Row> = Row extends Field<infer Value> ? Value : never
type Needed<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends Field<unknown, true> ? never : Name
}[keyof Fields]
type DataOf<Fields> = { readonly [Name in Needed<Fields>]: ValueOf<Fields[Name]> } & {
  readonly [Name in Exclude<keyof Fields, Needed<Fields>>]?: ValueOf<Fields[Name]> | undefined
}
type CitizenOf<Row> = Row extends { readonly citizen: 'always' }
  ? { readonly citizen: string }
  : Row extends { readonly citizen: 'never' }
    ? { readonly citizen?: undefined }
    : { readonly citizen?: string | undefined }
type RelyingPartyOf<Row> = Row extends { readonly relyingParty: 'always' }
  ? { readonly relyingParty: string }
  : { readonly relyingParty?: string | undefined }

/** One thing that happened: told apart by its `kind`. `at` is `clock.now()`, `citizen` the citizen's id. */
export type AuditEvent = {
  [Kind in EventKind]: {
    readonly kind: Kind
    readonly at: Date
    readonly data: DataOf<(typeof eventKinds)[Kind]['fields']>
  } & CitizenOf<(typeof eventKinds)[Kind]> &
    RelyingPartyOf<(typeof eventKinds)[Kind]>
}[EventKind]

/** An event as it was written; `id` is its number. */
export type AuditEntry = AuditEvent & { readonly id: number }

const longest = 200

/**
 * The data of an event as its row takes them: the fields of its kind and no other, so that an object handed in whole
 * cannot bring more along. Texts are cut at 200 characters and freed of what PostgreSQL's JSON cannot hold: an
 * agency's own name for its application must not be able to break a login.
 */
export function dataOf({ kind, data }: Pick<AuditEvent, 'kind' | 'data'>): Readonly<Record<string, unknown>> {
  const given = data as Readonly<Record<string, unknown>>
  const kept: Record<string, unknown> = {}
  for (const name of Object.keys(eventKinds[kind].fields)) {
    const value = given[name]
    if (value !== undefined) kept[name] = Array.isArray(value) ? value.map(tidy) : tidy(value)
  }
  return kept
}

const tidy = (value: unknown): unknown =>
  typeof value === 'string' ? value.slice(0, longest).replaceAll('\0', '').toWellFormed() : value
