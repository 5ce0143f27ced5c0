import type { CitizenName } from '../../citizen/index.ts'
import { statement, type Sql, type Tx } from '../../platform/index.ts'

/** One person of PIN 24 horas, in normal forms. */
export interface Pin24hRecord {
  readonly document: string
  /** YYYY-MM-DD; or a support number, with its letter where it was given. */
  readonly contrast: string
  readonly name: CitizenName
  /** E.164. */
  readonly phone: string
  readonly email: string | undefined
}

/** Where a record stands; its contact data are forgotten when it is used up. */
export interface RecordOnFile {
  readonly phone: string | undefined
  readonly email: string | undefined
  readonly migrated: boolean
}

// Whatever name: every import of this database waits for the one before.
const lockImports = statement(
  'pin24h.lock-imports',
  `select pg_advisory_xact_lock(hashtextextended('pin24h-records', 0))`,
)

const taken = statement<{ document: string; phone: string | null }>(
  'pin24h.taken',
  'select document, phone from pin24h_record where document = any($1::text[]) or phone = any($2::text[])',
)

const put = statement(
  'pin24h.put',
  `insert into pin24h_record (document, id, contrast, given_name, first_surname, second_surname, phone, email, import_id,
     imported_at)
   select document, id, contrast, given_name, first_surname, second_surname, phone, email, $2, $3
   from jsonb_to_recordset($1::jsonb) as one (document text, id uuid, contrast text, given_name text,
     first_surname text, second_surname text, phone text, email text)`,
)

const find = statement<{ phone: string | null; email: string | null; migrated: boolean }>(
  'pin24h.find',
  'select phone, email, migrated_at is not null as migrated from pin24h_record where document = $1',
)

// All that only the migration needed is forgotten by the statement that decides it.
const usingUp = `contrast = null, given_name = null, first_surname = null, second_surname = null, phone = null,
     email = null`

const migrate = statement<{ id: string }>(
  'pin24h.migrate',
  `update pin24h_record set migrated_at = $2, migrated_by = $3, ${usingUp}
   where document = $1 and phone = $4 and migrated_at is null returning id`,
)

const useUp = statement<{ id: string }>(
  'pin24h.use-up',
  `update pin24h_record set migrated_at = coalesce(migrated_at, $2), ${usingUp} where document = $1 returning id`,
)

const migratedBy = statement<{ migrated_by: string | null }>(
  'pin24h.migrated-by',
  'select migrated_by from pin24h_record where document = $1 and migrated_at is not null',
)

/** The SQL of `pin24h_record`. */
export const recordTable = {
  /** Holds every other import back to the end of this transaction. */
  async lockImports(tx: Tx): Promise<void> {
    await tx.row(lockImports)
  },
  /** The records that have one of these documents, or one of these phones and are not used up. */
  taken: (sql: Sql, documents: readonly string[], phones: readonly string[]) => sql.rows(taken, [documents, phones]),
  /** Throws (unique_violation) when a document is there already, or a phone is another record's. */
  async put(
    tx: Tx,
    records: readonly (Pin24hRecord & { readonly id: string })[],
    { id, at }: { readonly id: string; readonly at: Date },
  ): Promise<void> {
    await tx.rows(put, [JSON.stringify(records.map(rowOf)), id, at])
  },
  async find(sql: Sql, document: string): Promise<RecordOnFile | undefined> {
    const row = await sql.row(find, [document])
    return row && { phone: row.phone ?? undefined, email: row.email ?? undefined, migrated: row.migrated }
  },
  /** Uses the record up for its migration by who proved its phone: of any number of callers one is answered true. */
  migrate: async (
    tx: Tx,
    { document, phone, journey, now }: { document: string; phone: string; journey: string; now: Date },
  ): Promise<boolean> => (await tx.row(migrate, [document, now, journey, phone])) !== undefined,
  /** Its person registered: whichever way, there is nothing to migrate any more. Answers the id that they have here. */
  useUp: async (tx: Tx, document: string, now: Date): Promise<string | undefined> =>
    (await tx.row(useUp, [document, now]))?.id,
  /** The journey that migrated the record; null where its person registered another way, undefined where it is not used up. */
  migratedBy: async (sql: Sql, document: string): Promise<string | null | undefined> =>
    (await sql.row(migratedBy, [document]))?.migrated_by,
}

const rowOf = ({ id, document, contrast, name, phone, email }: Pin24hRecord & { readonly id: string }) => ({
  ...{ id, document, contrast, phone },
  given_name: name.given,
  first_surname: name.firstSurname,
  second_surname: name.secondSurname ?? null,
  email: email ?? null,
})
