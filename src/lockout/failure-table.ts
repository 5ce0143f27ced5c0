import { statement, type Sql } from '../platform/index.ts'
import type { Factor } from './port.ts'

export interface FailureRow {
  readonly failures: number
  readonly refused_until: Date | null
}

/** At which numbers of failures something happens. */
export interface Steps {
  /** Every so many failures are one round. */
  readonly each: number
  /** Rounds at the beginning that refuse nothing (the first blocks a password instead): 0 or 1. */
  readonly freeRounds: number
  /** Seconds that the first refusal lasts; each further round lasts twice as long. */
  readonly first: number
  /** Seconds at most. */
  readonly longest: number
}

// The conflicting row is locked before it is read: of any number of failures at once each is counted, and exactly one is
// the last of its round. A first failure is never the last of a round (limits: at least 2).
const count = statement<FailureRow>(
  'failure.count',
  `insert into failure as was (subject, factor, known, failures, last_at) values ($1, $2, $3, 1, $4)
   on conflict (subject, factor, known) do update set
     failures = was.failures + 1,
     last_at = excluded.last_at,
     refused_until = case
       when (was.failures + 1) % $5::int = 0 and (was.failures + 1) / $5::int > $6::int
       then excluded.last_at + make_interval(secs =>
         least($7::float8 * power(2, least((was.failures + 1) / $5::int - $6::int - 1, 30)), $8::float8))
       else was.refused_until
     end
   returning failures, refused_until`,
)

// As above, of several subjects at once, whose rows are locked in one order. Not those that refuse already: there the try was
// not heard, and must not make the refusal longer.
const countSides = statement<{ until: Date | null }>(
  'failure.count-sides',
  `with side as (
     select subject, each from unnest($1::text[], $2::int[]) as side (subject, each) order by subject
   ), counted as (
     insert into failure as was (subject, factor, known, failures, last_at)
     select subject, 'contrast', false, 1, $3 from side
     on conflict (subject, factor, known) do update set
       failures = was.failures + 1,
       last_at = excluded.last_at,
       refused_until = case
         when (was.failures + 1) % (select each from side where side.subject = was.subject) = 0
         then excluded.last_at + make_interval(secs => least($4::float8 * power(2,
           least((was.failures + 1) / (select each from side where side.subject = was.subject) - 1, 30)), $5::float8))
         else was.refused_until
       end
     where was.refused_until is null or was.refused_until <= excluded.last_at
     returning subject, refused_until
   )
   select max(refused_until) as until from counted where subject <> all ($6::text[])`,
)

/** Subjects of which a wrong contrast is counted, and at how many each begins to refuse. */
export interface Sides {
  readonly refusing: readonly string[]
  readonly each: readonly number[]
  /** Counted too, for another door. */
  readonly beside: readonly string[]
  readonly eachBeside: readonly number[]
}

interface KeptRow extends FailureRow {
  readonly factor: Factor
  readonly known: boolean
  readonly last_at: Date
}

const ofSubject = statement<KeptRow>(
  'failure.of-subject',
  'select factor, known, failures, last_at, refused_until from failure where subject = $1 order by factor, known',
)

const forgetKnown = statement(
  'failure.forget-known',
  'delete from failure where subject = $1 and factor = $2 and known',
)

const sweep = statement(
  'failure.sweep',
  'delete from failure where last_at < $1 and (refused_until is null or refused_until < $2)',
)

/** The SQL of `failure`, but the two statements that read or forget together with `known_browser`. */
export const failureTable = {
  async count(sql: Sql, subject: string, factor: Factor, known: boolean, now: Date, steps: Steps): Promise<FailureRow> {
    const row = await sql.row(count, [
      subject,
      factor,
      known,
      now,
      steps.each,
      steps.freeRounds,
      steps.first,
      steps.longest,
    ])
    if (!row) throw new Error('failure.count answered no row')
    return row
  },
  /** Answers until when the refusing sides refuse, or did last. */
  async countSides(sql: Sql, sides: Sides, now: Date, { first, longest }: Steps): Promise<Date | undefined> {
    const { refusing, each, beside, eachBeside } = sides
    const values = [[...refusing, ...beside], [...each, ...eachBeside], now, first, longest, beside]
    return (await sql.row(countSides, values))?.until ?? undefined
  },
  /** Whether it refuses or not. */
  async forgetKnown(sql: Sql, subject: string, factor: Factor): Promise<void> {
    await sql.row(forgetKnown, [subject, factor])
  },
  ofSubject: (sql: Sql, subject: string): Promise<KeptRow[]> => sql.rows(ofSubject, [subject]),
  /** Forgets what is older than `before` and refuses nobody any more. */
  sweep: (sql: Sql, before: Date, now: Date) => sql.row(sweep, [before, now]),
}
