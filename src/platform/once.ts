import { quickStatement, statement, unflushed, withoutFlush, type Sql } from './db.ts'

const claim = quickStatement<{ id: string }>(
  'once.claim',
  `insert into once (kind, id, expires) values ($1, $2, $3) on conflict do nothing returning id`,
)
// For an authorization code: it lives for a minute, and nobody but its client can redeem it once more (ADR 0007).
const claimUnflushed = unflushed(
  quickStatement<{ id: string }>(
    'once.claim-unflushed',
    `insert into once (kind, id, expires) select $1, $2, $3::timestamptz where ${withoutFlush} on conflict do nothing returning id`,
  ),
)
// A few at a time and past what others hold: sweepers on several instances neither wait nor hold anybody up.
const sweep = statement<{ swept: number }>(
  'once.sweep',
  `with dead as (select kind, id from once where expires <= $1 limit $2 for update skip locked),
   gone as (delete from once using dead where once.kind = dead.kind and once.id = dead.id returning 1)
   select count(*)::int as swept from gone`,
)
const atMost = 5_000

/**
 * True for the first caller with this kind and id, false for every later one: the database decides, on every instance,
 * after a restart and after the ephemeral store was flushed. `expires` (wire time) only says when the row may be swept.
 */
export type Once = (kind: OnceKind, id: string, expires: Date) => Promise<boolean>

/** What must not happen twice. */
export type OnceKind = 'oidc-code' | 'oidc-replay' | 'saml-message' | 'certificate-warning' | 'movil-call' | 'login'

/**
 * A member of a `with`, named `claimed`: it has a row for the first caller only, for who decides it in a statement of their
 * own. Kind, id and expires are the parameters of the statement from `$first` on.
 */
export const claimOnceSql = (first: number): string =>
  `claimed as (insert into once (kind, id, expires) values ($${first}, $${first + 1}, $${first + 2}) on conflict do nothing returning id)`

export function onceIn(sql: Sql): Once {
  return async (kind, id, expires) => {
    const how = kind === 'oidc-code' && !('inTransaction' in sql) ? claimUnflushed : claim
    return (await sql.row(how, [kind, id, expires])) !== undefined
  }
}

/** Forgets what expired at or before `now` (wire time). */
export async function sweepOnce(sql: Sql, now: Date): Promise<void> {
  while ((await sql.row(sweep, [now, atMost]))?.swept === atMost);
}
