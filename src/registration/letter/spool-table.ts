import { statement, type Sql, type Tx } from '../../platform/index.ts'

// The printer's side of `letter`, and `letter_batch`. A letter that has its CSV is never made again, whoever died half-way:
// that is what keeps it from being printed twice.

/** A letter that is still to be made. */
export interface PendingLetter {
  readonly id: string
  readonly document: string
  readonly locale: string
}

/** A letter as the manifest names it. */
export interface SpooledLetter {
  readonly id: string
  /** Of its file, hex. */
  readonly sha256: string
}

export interface Batch {
  readonly id: string
  readonly made_at: Date
}

const unmade = 'made_at is null and used_at is null and killed_at is null'

const claim = statement<{ id: string }>(
  'letter-batch.claim',
  `with due as (
     select id from letter where due <= $2 and batch is null and ${unmade} order by due limit $3 for update skip locked
   ), claimed as (
     update letter set batch = $1 from due where letter.id = due.id returning letter.id
   ), batch as (
     insert into letter_batch (id, made_at) select $1, $2 where exists (select 1 from claimed)
   ) select id from claimed`,
)

const open = statement<Batch>(
  'letter-batch.open',
  'select id, made_at from letter_batch where removed_at is null and sealed_at is null order by made_at, id',
)
const sealed = statement<Batch>(
  'letter-batch.sealed',
  `select id, made_at from letter_batch
   where removed_at is null and sealed_at is not null and acknowledged_at is null order by made_at, id`,
)
const acknowledged = statement<Batch>(
  'letter-batch.acknowledged',
  'select id, made_at from letter_batch where removed_at is null and acknowledged_at is not null',
)

const pending = statement<PendingLetter>(
  'letter.pending',
  `select id, document, locale from letter where batch = $1 and ${unmade} order by id`,
)

const stamp = statement<{ id: string }>(
  'letter.stamp',
  `update letter set sha256 = $3, csv_digest = $4, made_at = $5, expires_at = $6
   where id = $1 and batch = $2 and ${unmade} returning id`,
)

const release = statement('letter.release', `update letter set batch = null where batch = $1 and ${unmade}`)

const seal = statement(
  'letter-batch.seal',
  `update letter_batch set sealed_at = $2 where id = $1 and sealed_at is null
   and not exists (select 1 from letter where batch = $1 and ${unmade})`,
)

const contents = statement<SpooledLetter>(
  'letter.of-batch',
  'select id, sha256 from letter where batch = $1 and sha256 is not null order by id',
)

const acknowledge = statement(
  'letter-batch.acknowledge',
  'update letter_batch set acknowledged_at = $2 where id = $1 and sealed_at is not null and acknowledged_at is null',
)

const removed = statement(
  'letter-batch.removed',
  'update letter_batch set removed_at = $2 where id = $1 and acknowledged_at is not null and removed_at is null',
)

export interface Stamp {
  readonly letter: string
  readonly batch: string
  readonly sha256: string
  readonly csvDigest: string
  readonly now: Date
  readonly expires: Date
}

export const spoolTable = {
  /** Puts at most `most` letters that are due into a new batch; answers how many. None: there is no such batch. */
  claim: async (sql: Sql, batch: string, now: Date, most: number): Promise<number> =>
    (await sql.rows(claim, [batch, now, most])).length,
  /** Batches that still take letters. */
  open: (sql: Sql) => sql.rows(open),
  /** Batches that are settled and wait for the printer. */
  sealed: (sql: Sql) => sql.rows(sealed),
  /** Batches that the printer has, and whose files may go. */
  acknowledged: (sql: Sql) => sql.rows(acknowledged),
  pending: (sql: Sql, batch: string) => sql.rows(pending, [batch]),
  /** Makes the file with this hash the letter; of any number of callers one. False: it was made, or died meanwhile. */
  stamp: async (tx: Tx, { letter, batch, sha256, csvDigest, now, expires }: Stamp): Promise<boolean> =>
    (await tx.row(stamp, [letter, batch, sha256, csvDigest, now, expires])) !== undefined,
  /** Gives back what could not be made: another batch takes it. */
  release: (sql: Sql, batch: string) => sql.row(release, [batch]),
  /** From then on nothing is added. */
  seal: (sql: Sql, batch: string, now: Date) => sql.row(seal, [batch, now]),
  contents: (sql: Sql, batch: string) => sql.rows(contents, [batch]),
  acknowledge: (sql: Sql, batch: string, now: Date) => sql.row(acknowledge, [batch, now]),
  removed: (sql: Sql, batch: string, now: Date) => sql.row(removed, [batch, now]),
}
