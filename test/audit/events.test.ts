import t from 'tap'
import {
  documentAudit,
  eventKinds,
  eventValues,
  historyOf,
  lastLogin,
  noteEvent,
  noteEventSql,
  noteLogin,
  type AuditEntry,
  type EventKind,
} from '../../src/audit/index.ts'
import { openDb, statement } from '../../src/platform/index.ts'
import { auditScene, citizen, login, otherCitizen, run } from './scene.ts'

t.test('an event is read back as it was written, and no field more than its kind has is kept', async (t) => {
  const { db, clock } = await auditScene(t)
  const event = login(clock.now(), { application: 'Renta' })
  await noteEvent(db, { ...event, data: { ...event.data, pin: '123456' } } as typeof event)
  const [entry] = await historyOf(db, citizen, { from: new Date(0), most: 5 })
  const { id, ...read } = entry!
  t.type(id, 'number')
  t.strictSame(read, event)
})

t.test('what an agency calls its application cannot break a login', async (t) => {
  const { db, clock } = await auditScene(t)
  await noteEvent(db, login(clock.now(), { application: `a\0b\ud800${'x'.repeat(300)}` }))
  const last = await lastLogin(db, citizen)
  t.match(last?.data.application, /^ab\ufffdx{190,}$/)
})

t.test('the application’s role may write and read events and can never change one', async (t) => {
  const { db, clock, seal } = await auditScene(t)
  await seal(1, 2)
  await noteEvent(db, login(clock.now()))
  const refused = [
    ...['audit_event', 'audit_batch', 'audit_key'].flatMap((table) => [`delete from ${table}`, `truncate ${table}`]),
    'update audit_event set at = at',
    'update audit_batch set seq = seq',
    'update audit_key set kid = kid',
    'update audit_unsealed set id = id',
    'truncate audit_unsealed',
    'delete from audit_head',
    'truncate audit_head',
    'alter table audit_event disable trigger all',
  ]
  for (const sql of refused) await t.rejects(run(db, sql), { message: /permission denied|must be owner/ }, sql)
})

t.test('an event is there if and only if the act it tells of is', async (t) => {
  const { db, clock } = await auditScene(t)
  const failed = db.transaction(async (tx) => {
    await noteEvent(tx, login(clock.now()))
    throw new Error('the act failed')
  })
  await t.rejects(failed, { message: 'the act failed' })
  t.strictSame(await run(db, 'select id from audit_event union all select id from audit_unsealed'), [])
})

t.test('an act writes its event in its own statement, and none where it changed nothing', async (t) => {
  const { db, clock, owner, verify, sealer } = await auditScene(t)
  await run(owner, 'create table thing (used boolean)')
  await run(owner, 'insert into thing values (false)')
  await run(owner, 'grant all on thing to public')
  const use = statement<{ used: boolean }>(
    'test.use',
    `with act as (update thing set used = true where not used returning used), ${noteEventSql('act', 1)} select used from act`,
  )
  const values = eventValues(login(clock.now()))
  t.equal((await db.rows(use, values)).length, 1)
  t.equal((await db.rows(use, values)).length, 0)
  t.equal((await historyOf(db, citizen, { from: new Date(0), most: 5 })).length, 1)
  await sealer.seal()
  t.match(await verify(), { rows: 1, unsealed: 0, faults: [] })
})

t.test('a citizen’s history is newest first, theirs alone, page by page and no older than asked', async (t) => {
  const { db, clock } = await auditScene(t)
  const begun = clock.now()
  for (let number = 0; number < 7; number++) {
    // Two of each instant, and somebody else's between.
    if (number % 2 === 0) clock.advance(60)
    await noteEvent(db, login(clock.now(), { session: `s${number}` }))
    await noteEvent(db, login(clock.now(), {}, otherCitizen))
  }
  await noteEvent(db, { kind: 'totp-enrolled', at: clock.now(), citizen, data: {} })
  const sessions = (entries: readonly AuditEntry[]) =>
    entries.map((one) => (one.kind === 'login' ? one.data.session : one.kind))
  const pages: string[][] = []
  for (let after: AuditEntry | undefined; ;) {
    const page = await historyOf(db, citizen, { from: begun, most: 3, ...(after ? { after } : {}) })
    if (page.length === 0) break
    pages.push(sessions(page))
    after = page.at(-1)
  }
  t.strictSame(pages, [
    ['totp-enrolled', 's6', 's5'],
    ['s4', 's3', 's2'],
    ['s1', 's0'],
  ])
  const from = new Date(begun.getTime() + 120_000)
  const logins = await historyOf(db, citizen, { from, most: 9, kinds: ['login'] })
  t.strictSame(sessions(logins), ['s6', 's5', 's4', 's3', 's2'])
})

t.test('the last login is the one before this one', async (t) => {
  const { db, clock } = await auditScene(t)
  t.equal(await lastLogin(db, citizen), undefined)
  await noteEvent(db, login(clock.now(), { session: 'first' }))
  clock.advance(60)
  await noteEvent(db, login(clock.now(), { session: 'second' }))
  await noteEvent(db, { kind: 'totp-enrolled', at: clock.in(1), citizen, data: {} })
  t.match(await lastLogin(db, citizen), { data: { session: 'second' } })
  t.match(await lastLogin(db, citizen, clock.now()), { data: { session: 'first' } })
})

t.test('of any number that write one ending of a login, one event tells; each learns the login before', async (t) => {
  const { db, clock, verify } = await auditScene(t)
  const expires = clock.in(3_600)
  const write = (id: string, session: string, who = citizen) =>
    noteLogin(db, login(clock.now(), { session }, who), { id, expires })
  t.equal(await write('one', 'first'), undefined)
  const former = { at: clock.now(), method: 'pin', relyingParty: undefined }
  await run(
    db,
    `insert into relying_party (id, name, sector, least_level, created_at, updated_at)
     values ('aeat', 'Agencia Tributaria', 'aeat', 'low', $1, $1)`,
    [clock.now()],
  )
  clock.advance(60)
  const answers = await Promise.all(Array.from({ length: 20 }, () => write('two', 'second')))
  for (const answer of answers) t.match(answer, { ...former, relyingParty: 'Agencia Tributaria' })
  clock.advance(60)
  t.match(await write('three', 'second'), { at: former.at }, 'the same session is no other visit')
  t.equal(await write('four', 'third', otherCitizen), undefined)
  const told = await historyOf(db, citizen, { from: new Date(0), most: 50 })
  t.match(
    told.map(({ data }) => data),
    [{ session: 'second' }, { session: 'second' }, { session: 'first' }],
  )
  t.match(await verify(), { unsealed: 4, faults: [] })
})

t.test('history and last login read one citizen’s part of an index, however many rows there are', async (t) => {
  const { db, ownerUrl } = await auditScene(t)
  await run(
    db,
    `insert into audit_event (at, kind, citizen_id, relying_party, data)
     select timestamptz '2026-01-01' + n * interval '1 minute', 'login', ('00000000-0000-7000-8000-' || lpad((n % 2000)::text, 12, '0'))::uuid, 'aeat', '{}'
     from generate_series(1, 20000) n`,
  )
  const seen: string[] = []
  const owner = openDb({ url: ownerUrl, size: 1 })
  t.teardown(() => owner.close())
  await run(owner, 'analyze audit_event')
  for (const where of [
    "kind = 'login' and at < 'infinity'",
    "at >= '2020-01-01' and (at, id) < ('infinity'::timestamptz, 0::bigint)",
  ]) {
    const plan = await run<{ 'QUERY PLAN': string }>(
      owner,
      `explain select id from audit_event where citizen_id = '00000000-0000-7000-8000-000000000007' and ${where} order by at desc, id desc limit 10`,
    )
    seen.push(plan.map((line) => line['QUERY PLAN']).join('\n'))
  }
  for (const plan of seen) {
    t.match(plan, /audit_event_citizen/)
    t.notMatch(plan, /Seq Scan/)
  }
})

t.test('no kind of event has a field for a secret, a document or a whole phone number', async (t) => {
  const forbidden = /pin$|password|csv|code$|document|number|secret/i
  for (const kind of Object.keys(eventKinds) as EventKind[])
    for (const field of Object.keys(eventKinds[kind].fields))
      // A refusal's code is a word of the table of refusals.
      if (`${kind}.${field}` !== 'login-refused.code') t.notMatch(field, forbidden, `${kind}.${field}`)
  t.match(documentAudit(), /## login-refused\n\n.*\n\n- `application` \(text, optional\)/)
})
