import { insertJobSql, statement, unflushed, withoutFlush, type Db, type Sql } from '../platform/index.ts'
import type { Receipt } from './channel.ts'
import type { Laying } from './port.ts'

/** A message as a worker holds it. */
export interface Claimed {
  readonly id: string
  /** Sealed. */
  readonly content: string
  /** Which claim this is, from 1: what was recorded under an older one does not count. */
  readonly attempts: number
  readonly expires: Date
}

/** What a worker says of a message that it held. */
export interface Outcome {
  readonly id: string
  readonly attempts: number
  /** `queued`: to be tried again when due; any other ends it. */
  readonly state: 'queued' | 'sent' | 'failed' | 'expired' | 'dropped'
  readonly due?: Date
  readonly providerId?: string
  readonly reason?: string
  readonly sentAt?: Date
}

/**
 * Two members of a `with` that lay a message and its job for each row of `from`, a member before them. The message's own
 * values (`Messages.sms`, `.email`, `.push`) are the parameters of the statement from `$first` on. Of two with the same id
 * only the first is laid. An e-mail has no job: a sweep takes it, so that no slow mail server takes the places of SMS.
 *
 * The members are called `laid` and `job`; with a `name` `<name>_laid` and `<name>_job`, for a statement that lays several.
 */
export function layMessageSql(from: string, first: number, name?: string): string {
  const [id, channel, citizen, content, now, expires] = Array.from({ length: 6 }, (_, nth) => `$${first + nth}`)
  const [laid, job] = ['laid', 'job'].map((member) => (name === undefined ? member : `${name}_${member}`))
  return `${laid} as (
     insert into outbox (id, channel, citizen, content, due, expires, created_at)
     select ${id}::uuid, ${channel}, ${citizen}::uuid, ${content}, ${now}::timestamptz, ${expires}::timestamptz, ${now} from ${from}
     on conflict (id) do nothing returning id, channel
   ), ${job} as (${insertJobSql(
     'deliver-message',
     { id: 'urgent.id', channel: 'urgent.channel' },
     `(select id, channel from ${laid} where channel in ('sms', 'push')) as urgent`,
   )})`
}

// Of two claims at once one passes the rows by: locked by the other, or claimed by the time it looks.
const claiming = (which: string) => `
  update outbox set state = 'sending', attempts = attempts + 1, claimed_until = $2
  where id in (
    select id from outbox
    where content is not null and due <= $1 and (claimed_until is null or claimed_until <= $1) and ${which}
    for update skip locked
  ) returning id, content, attempts, expires`
const claimThese = statement<Claimed>('outbox.claim-these', claiming('id = any($3::uuid[])'))
const claimDue = statement<Claimed>('outbox.claim-due', claiming('channel = $4 order by due limit $3'))

export interface Claim {
  readonly now: Date
  /** When the claim lapses: its worker died. */
  readonly until: Date
}

/** Of these messages, those that are due and that nobody holds. */
export const claimMessages = (db: Db, { now, until }: Claim, ids: readonly string[]): Promise<Claimed[]> =>
  db.rows(claimThese, [now, until, ids])

/** At most `most` messages of the channel that are due and that nobody holds. */
export const claimDueMessages = (
  db: Db,
  channel: 'sms' | 'email' | 'push',
  { now, until }: Claim,
  most: number,
): Promise<Claimed[]> => db.rows(claimDue, [now, until, most, channel])

const expire = statement(
  'outbox.expire-emails',
  `update outbox set state = 'expired', content = null, claimed_until = null, attempts = attempts + 1
   where channel = 'email' and content is not null and expires <= $1 and (claimed_until is null or claimed_until <= $1)`,
)

/** Blanks e-mails that nobody holds and whose time is over: while the mail server is away none is claimed. */
export async function expireEmails(db: Db, now: Date): Promise<void> {
  await db.rows(expire, [now])
}

// What a crash undoes of it is as after the end of a worker: the message is sent once more.
const record = unflushed(
  statement(
    'outbox.record',
    `update outbox set state = said.state, due = coalesce(said.due, outbox.due), claimed_until = null,
     content = case said.state when 'queued' then content end,
     provider_id = said.provider_id, reason = said.reason, sent_at = said.sent_at
   from unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::timestamptz[])
     as said (id, attempts, state, due, provider_id, reason, sent_at)
   where outbox.id = said.id and outbox.attempts = said.attempts and ${withoutFlush}`,
  ),
)

export async function recordOutcomes(db: Db, outcomes: readonly Outcome[]): Promise<void> {
  const column = <Name extends keyof Outcome>(name: Name) => outcomes.map((outcome) => outcome[name] ?? null)
  const names = ['id', 'attempts', 'state', 'due', 'providerId', 'reason', 'sentAt'] as const
  await db.rows(record, names.map(column))
}

// One by one through the index, whatever the planner knows of the table: a fresh one has no statistics, and it would
// read all of it. The index holds no nulls, which has to be said in so many words.
const receive = unflushed(
  statement<{ provider_id: string }>(
    'outbox.receive',
    `update outbox set state = said.state, reason = said.reason
   from unnest($1::text[], $2::text[], $3::text[]) as said (provider_id, state, reason)
   cross join lateral (
     select id from outbox
     where provider_id = said.provider_id and provider_id is not null and state = 'sent' limit 1
   ) as meant
   where outbox.id = meant.id and ${withoutFlush}
   returning outbox.provider_id`,
  ),
)

/** Answers the provider's identifiers of those whose message is recorded as sent; the others changed nothing. */
export async function recordReceipts(db: Db, receipts: readonly Receipt[]): Promise<ReadonlySet<string>> {
  const states = receipts.map(({ delivered }) => (delivered ? 'delivered' : 'failed'))
  const values = [receipts.map(({ providerId }) => providerId), states, receipts.map(({ reason }) => reason)]
  return new Set((await db.rows(receive, values)).map(({ provider_id }) => provider_id))
}

const someDue = statement<{ found: boolean }>(
  'outbox.some-due',
  'select exists (select from outbox where content is not null and due <= $1) as found',
)

/** Whether any message is still to be sent, or is being sent. */
export const isAnyDue = async (db: Db, now: Date): Promise<boolean> => (await db.row(someDue, [now]))?.found === true

interface KeptMessage {
  readonly channel: Laying[1]
  readonly state: Outcome['state'] | 'sending' | 'delivered'
  readonly created_at: Date
  readonly sent_at: Date | null
}

// The index has no SMS: each login would pay for it, and tells of its SMS by itself.
const ofCitizen = statement<KeptMessage>(
  'outbox.of-citizen',
  `select channel, state, created_at, sent_at from outbox where citizen = $1 and channel <> 'sms'
   order by created_at desc, id`,
)

/** What is kept of the e-mails and push messages to a citizen, newest first; never what they say. */
export async function messagesOf(sql: Sql, citizen: string): Promise<readonly SentMessage[]> {
  const rows = await sql.rows(ofCitizen, [citizen])
  return rows.map(({ channel, state, created_at, sent_at }) => ({
    ...{ channel, state, made: created_at, sent: sent_at ?? undefined },
  }))
}

export interface SentMessage extends Pick<KeptMessage, 'channel' | 'state'> {
  readonly made: Date
  /** When the provider accepted it. */
  readonly sent: Date | undefined
}

const purge = statement('outbox.purge', 'delete from outbox where created_at < $1 and content is null')

/** Removes what was ended before this instant. */
export async function purgeMessages(db: Db, before: Date): Promise<void> {
  await db.rows(purge, [before])
}
