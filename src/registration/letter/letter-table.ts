import { statement, type Sql, type Tx } from '../../platform/index.ts'

export type LetterDeath = 'newer' | 'wrong-csv' | 'expired' | 'renuncia' | 'undeliverable' | 'registered'

const alive = 'used_at is null and killed_at is null'

const allow = statement<{ subject: string }>(
  'letter-allowance.take',
  `insert into letter_allowance as had (subject, asked_at) values ($1, array[$2::timestamptz])
   on conflict (subject) do update
     set asked_at = had.asked_at[greatest(1, cardinality(had.asked_at) - $3::int + 2):] || excluded.asked_at
     where cardinality(had.asked_at) < $3::int or had.asked_at[cardinality(had.asked_at) - $3::int + 1] <= $4
   returning subject`,
)

const oldestCounted = statement<{ at: Date | null }>(
  'letter-allowance.oldest-counted',
  'select asked_at[cardinality(asked_at) - $2::int + 1] as at from letter_allowance where subject = $1',
)

const ask = statement(
  'letter.ask',
  'insert into letter (id, document, locale, asked_at, due) values ($1, $2, $3, $4, $5)',
)

const kill = statement<{ id: string }>(
  'letter.kill',
  `update letter set killed_at = $2, killed_why = $3 where document = $1 and ${alive} returning id`,
)

const hold = statement<{ id: string }>(
  'letter.hold',
  `select id from letter where document = $1 and ${alive} for update`,
)

const killExpired = statement<{ id: string }>(
  'letter.kill-expired',
  `update letter set killed_at = $1, killed_why = 'expired' where expires_at <= $1 and ${alive} returning id`,
)

const tryCsv = statement<TriedRow>(
  'letter.try-csv',
  `update letter set
     failures = failures + case when csv_digest = $2 then 0 else 1 end,
     killed_at = case when csv_digest <> $2 and failures + 1 >= $4 then $3::timestamptz end,
     killed_why = case when csv_digest <> $2 and failures + 1 >= $4 then 'wrong-csv' end
   where document = $1 and ${alive} and expires_at > $3
   returning id, csv_digest = $2 as right, failures, killed_at is not null as killed`,
)

const invites = statement<{ id: string }>(
  'letter.invites',
  `select id from letter where document = $1 and csv_digest = $2 and ${alive} and expires_at > $3`,
)

const redeem = statement<{ id: string }>(
  'letter.redeem',
  `update letter set used_at = $3, used_by = $4
   where document = $1 and csv_digest = $2 and ${alive} and expires_at > $3 returning id`,
)

const usedBy = statement<{ used_by: string | null }>(
  'letter.used-by',
  'select used_by from letter where document = $1 and csv_digest = $2 and used_at is not null',
)

const unreminded = statement<{ id: string; document: string; locale: string; expires_at: Date }>(
  'letter.unreminded',
  `select id, document, locale, expires_at from letter
   where made_at <= $2 and expires_at > $1 and reminded_at is null and ${alive} order by made_at limit $3`,
)

const remind = statement<{ id: string }>(
  'letter.remind',
  `update letter set reminded_at = $2 where id = $1 and reminded_at is null and ${alive} returning id`,
)

const forget = statement('letter.forget', `delete from letter where asked_at < $1 and not (${alive})`)
const forgetAllowances = statement(
  'letter-allowance.forget',
  'delete from letter_allowance where asked_at[cardinality(asked_at)] < $1',
)

const ofPerson = statement<LetterRow>(
  'letter.of-person',
  `select asked_at, made_at, expires_at, reminded_at, used_at, killed_at, killed_why from letter
   where document = $1 order by asked_at`,
)

const put = statement(
  'letter.put',
  `insert into letter (id, document, locale, asked_at, due, csv_digest, made_at, expires_at)
   values ($1, $2, 'es', $3, $3, $4, $3, $5)`,
)

interface LetterRow {
  readonly asked_at: Date
  readonly made_at: Date | null
  readonly expires_at: Date | null
  readonly reminded_at: Date | null
  readonly used_at: Date | null
  readonly killed_at: Date | null
  readonly killed_why: LetterDeath | null
}

interface TriedRow {
  readonly id: string
  readonly right: boolean
  readonly failures: number
  readonly killed: boolean
}

export interface Allowance {
  /** Keyed digest of the document. */
  readonly subject: string
  readonly now: Date
  readonly most: number
  /** Requests up to then do not count any more. */
  readonly since: Date
}

/** The SQL of `letter` that its person's acts lead to; the printer's is in spool-table.ts. */
export const letterTable = {
  /**
   * Takes one of a person's allowance, and holds its row to the end of the transaction: what two requests of one person
   * do comes one after the other. False: it is used up.
   */
  takeAllowance: async (tx: Tx, { subject, now, most, since }: Allowance): Promise<boolean> =>
    (await tx.row(allow, [subject, now, most, since])) !== undefined,
  /** The oldest request that still counts, of an allowance that is used up. */
  oldestCounted: async (sql: Sql, { subject, most }: Allowance): Promise<Date | undefined> =>
    (await sql.row(oldestCounted, [subject, most]))?.at ?? undefined,
  async ask(tx: Tx, letter: { id: string; document: string; locale: string; now: Date; due: Date }): Promise<void> {
    await tx.row(ask, [letter.id, letter.document, letter.locale, letter.now, letter.due])
  },
  /** Kills the person's alive letter; answers its id where there was one. */
  kill: async (tx: Tx, document: string, why: LetterDeath, now: Date): Promise<string | undefined> =>
    (await tx.row(kill, [document, now, why]))?.id,
  /** Whoever redeems or kills the person's alive letter waits for the end of the transaction. */
  async hold(tx: Tx, document: string): Promise<void> {
    await tx.row(hold, [document])
  },
  killExpired: (tx: Tx, now: Date) => tx.rows(killExpired, [now]),
  /** One statement compares, counts and kills; undefined: no letter of this person is alive and made. */
  tryCsv: (tx: Tx, document: string, digest: string, now: Date, tries: number) =>
    tx.row(tryCsv, [document, digest, now, tries]),
  /** Whether this is the CSV of the person's alive letter; counts nothing. */
  invites: async (sql: Sql, document: string, digest: string, now: Date): Promise<boolean> =>
    (await sql.row(invites, [document, digest, now])) !== undefined,
  /** Uses a letter up: of any number of callers one gets its id. */
  redeem: async (tx: Tx, document: string, digest: string, journey: string, now: Date): Promise<string | undefined> =>
    (await tx.row(redeem, [document, digest, now, journey]))?.id,
  /** The journey that used the letter with this CSV up. */
  usedBy: async (sql: Sql, document: string, digest: string): Promise<string | undefined> =>
    (await sql.row(usedBy, [document, digest]))?.used_by ?? undefined,
  /** All of a person's that are not forgotten, oldest first; never a CSV. */
  ofPerson: (sql: Sql, document: string) => sql.rows(ofPerson, [document]),
  /** At most `most` letters made before `before`, still to be used, whose person was not reminded. */
  unreminded: (sql: Sql, now: Date, before: Date, most: number) => sql.rows(unreminded, [now, before, most]),
  /** True for the one who may remind. */
  remind: async (tx: Tx, id: string, now: Date): Promise<boolean> => (await tx.row(remind, [id, now])) !== undefined,
  /** Removes what is over since long. */
  async forget(tx: Tx, before: Date): Promise<void> {
    await tx.row(forget, [before])
    await tx.row(forgetAllowances, [before])
  },
  /** A letter as if it had been made and sent (sandbox). */
  async put(tx: Tx, letter: { id: string; document: string; digest: string; now: Date; expires: Date }): Promise<void> {
    await tx.row(put, [letter.id, letter.document, letter.now, letter.digest, letter.expires])
  },
}
