import { createHash } from 'node:crypto'
import t from 'tap'
import { auditSweeps, makeSealer, noteEvent, verifyAudit } from '../../src/audit/index.ts'
import { canonical, merkleRoot } from '../../src/audit/batch.ts'
import { makeMetrics, type Db, type Tx } from '../../src/platform/index.ts'
import { quietLog } from '../support/log.ts'
import { auditScene, login, run } from './scene.ts'

const sha = (...parts: readonly Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest()

t.test('the tree of hashes is that of RFC 9162, and the text of a row that of RFC 8785', async (t) => {
  const leaves = Array.from({ length: 7 }, (_, nth) => sha(Buffer.from([nth])))
  const node = (left: Buffer, right: Buffer) => sha(Buffer.from([1]), left, right)
  const [a, b, c, d, e, f, g] = leaves as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer]
  const root = node(node(node(a, b), node(c, d)), node(node(e, f), g))
  t.strictSame(merkleRoot(Buffer.concat(leaves)), root)
  t.strictSame(merkleRoot(Buffer.concat(leaves.slice(0, 3))), node(node(a, b), c))
  t.equal(
    merkleRoot(Buffer.alloc(0)).toString('hex'),
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  )
  // Section 3.2.3 of RFC 8785.
  const sample = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '1': 'One',
    '\u0080': 'Control',
    ö: ['x', 1e21, null, true],
  }
  t.equal(
    canonical(sample),
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":["x",1e+21,null,true],"€":"Euro Sign"}',
  )
})

t.test('an untouched chain verifies, also over several batches, and says where it ends', async (t) => {
  const { seal, verify, db, clock } = await auditScene(t)
  t.strictSame(await verify(), { batches: 0, rows: 0, unsealed: 0, anchor: undefined, givenUp: 0, faults: [], more: 0 })
  await seal(3, 4)
  await noteEvent(db, login(clock.now()))
  const verified = await verify()
  t.match(verified, { batches: 3, rows: 12, unsealed: 1, faults: [] })
  t.match(verified.anchor, /^3:[\w-]{43}$/)
})

t.test('what waits is sealed in as many batches as it takes, and nothing is sealed where nothing waits', async (t) => {
  const { db, clock, sealer, verify } = await auditScene(t, { most: 10 })
  await Promise.all(Array.from({ length: 34 }, () => noteEvent(db, login(clock.now()))))
  t.equal(await sealer.seal(), 34)
  t.equal(await sealer.seal(), 0)
  t.match(await verify(), { batches: 4, rows: 34, unsealed: 0, faults: [] })
})

t.test('a hundred transactions that commit out of order while sealers run are sealed once each', async (t) => {
  const { db, clock, sealer, newSealer, verify } = await auditScene(t)
  const sealers = [sealer, await newSealer(), await newSealer()]
  let over = false
  const sealing = sealers.map(async (one) => {
    while (!over) await one.seal()
  })
  const act = async (number: number, tx: Tx) => {
    await noteEvent(tx, login(clock.now(), { session: `s${number}` }))
    // Those with lower numbers hold their rows back longer: ids commit out of order.
    for (let wait = 0; wait < (number * 37) % 11; wait++) await run(tx, 'select pg_sleep(0.001)')
    if (number % 10 === 9) throw new Error('rolled back')
    if (number % 3 === 0) await noteEvent(tx, login(clock.now(), { session: `s${number}b` }))
  }
  const acts = Array.from({ length: 100 }, (_, number) => db.transaction((tx) => act(number, tx)).catch(() => {}))
  await Promise.all(acts)
  over = true
  await Promise.all(sealing)
  await sealer.seal()
  const rows = await run<{ id: number }>(db, 'select id from audit_event order by id')
  const sealed = await run<{ id: number }>(db, 'select unnest(ids) as id from audit_batch order by id')
  t.equal(rows.length, 90 + 30)
  t.strictSame(sealed, rows)
  t.match(await verify(), { rows: 120, unsealed: 0, faults: [] })
})

t.test('a row that commits long after its neighbours were sealed is sealed by itself', async (t) => {
  const { db, clock, sealer, verify } = await auditScene(t)
  await db.transaction(async (tx) => {
    await noteEvent(tx, login(clock.now(), { session: 'late' }))
    await noteEvent(db, login(clock.now(), { session: 'early' }))
    t.equal(await sealer.seal(), 1)
    t.match(await verify(), { rows: 1, unsealed: 0, faults: [] })
  })
  t.match(await verify(), { rows: 1, unsealed: 1, faults: [] })
  t.equal(await sealer.seal(), 1)
  t.match(await verify(), { batches: 2, rows: 2, unsealed: 0, faults: [] })
})

t.test('while one seals, another does nothing', async (t) => {
  const { db, clock, newSealer, sealer, verify } = await auditScene(t)
  await noteEvent(db, login(clock.now()))
  const other = await newSealer()
  await db.transaction(async (tx) => {
    await run(tx, 'select pg_advisory_xact_lock(50, 1)')
    t.equal(await other.seal(), 0)
  })
  const both = await Promise.all([sealer.seal(), other.seal()])
  t.equal(both[0] + both[1], 1)
  t.match(await verify(), { batches: 1, rows: 1, faults: [] })
})

/** The same database, whose transactions end at the nth statement, as if the process had been killed there. */
const killedAt = (db: Db, nth: number): Db => ({
  ...db,
  transaction: (work) =>
    db.transaction((tx) => {
      let statements = 0
      const rows: Tx['rows'] = (statement, values) => {
        if (statements++ === nth) return Promise.reject(new Error('killed'))
        return tx.rows(statement, values)
      }
      return work({ ...tx, rows, row: async (statement, values) => (await rows(statement, values))[0] })
    }),
})

t.test('a sealer killed between any two statements leaves nothing behind, and the next one goes on', async (t) => {
  const { db, clock, newSealer, verify, tamper } = await auditScene(t)
  const state = () =>
    tamper(`select (select count(*) from audit_batch) as batches, (select count(*) from audit_unsealed) as unsealed,
              (select seq from audit_head) as head, (select count(*) from audit_key) as keys`)
  let killed = 0
  for (let nth = 0; ; nth++) {
    await noteEvent(db, login(clock.now()))
    const before = await state()
    const ended = await (await newSealer(killedAt(db, nth))).seal().catch(() => 'killed')
    if (ended !== 'killed') break
    killed++
    t.strictSame(await state(), before, `killed at statement ${nth}`)
  }
  // Lock, head, last, take, key, batch, head.
  t.equal(killed, 7)
  t.match(await verify(), { batches: 1, rows: 8, unsealed: 0, faults: [] })
})

t.test('the clock that decides may be moved: the chain does not mind', async (t) => {
  const { db, clock, sealer, seal, verify } = await auditScene(t)
  await seal(1, 2)
  clock.advance(400 * 86_400)
  await noteEvent(db, login(clock.now()))
  clock.advance(-800 * 86_400)
  await noteEvent(db, login(clock.now()))
  await sealer.seal()
  t.match(await verify(), { batches: 2, rows: 4, faults: [] })
})

t.test(
  'the signing key may be rotated: the new key signs the end at once, and old batches verify for good',
  async (t) => {
    const { db, clock, keys, sealer, seal, verify } = await auditScene(t)
    await seal(2, 2)
    const rotate = async () => {
      t.ok(await keys.rotate('ES256'))
      await sealer.seal()
    }
    await rotate()
    const [last] = await run<{ ids: unknown[]; kid: string }>(
      db,
      'select ids, kid from audit_batch order by seq desc limit 1',
    )
    t.strictSame(last, { ids: [], kid: keys.ring().keys.find(({ state }) => state === 'current')?.kid })
    await rotate()
    await rotate()
    await noteEvent(db, login(clock.now()))
    await sealer.seal()
    // The ring forgets what is long out of use.
    await run(db, `delete from signing_key where state = 'previous'`)
    t.match(await verify(), { batches: 6, rows: 5, faults: [] })
    t.equal((await run(db, 'select kid from audit_key')).length, 4)
  },
)

t.test('the worker seals every second and tells the log where the chain ends', async (t) => {
  const { db, clock, envelope, verify } = await auditScene(t)
  const log = quietLog(t)
  const metrics = makeMetrics({ deployment: 'test' })
  const sweeps = auditSweeps({ db, clock, envelope, log, metrics })
  const sweep = (name: string) => sweeps.find((one) => one.name === name)!
  t.equal(sweep('seal-audit').every, 1)
  await sweep('anchor-audit').run()
  t.strictSame(log.lines, [])
  await noteEvent(db, login(clock.now()))
  await sweep('seal-audit').run()
  await sweep('anchor-audit').run()
  await sweep('anchor-audit').run()
  const { anchor, faults } = await verify()
  t.strictSame(faults, [])
  t.equal(log.lines.length, 1)
  t.match(JSON.parse(log.lines[0]!), { message: 'audit sealed', anchor })
})

t.test('the metrics tell how much is not sealed, and since when', async (t) => {
  const { db, clock, envelope } = await auditScene(t)
  const metrics = makeMetrics({ deployment: 'test' })
  const sweeps = auditSweeps({ db, clock, envelope, log: quietLog(t), metrics })
  const measured = async () => {
    await sweeps.find(({ name }) => name === 'measure-audit')!.run()
    const text = await metrics.text()
    const of = (name: string) => Number(new RegExp(`^clave_${name}\\{.*\\} (.+)$`, 'm').exec(text)?.[1])
    return [of('audit_unsealed'), of('audit_unsealed_seconds')]
  }
  t.strictSame(await measured(), [0, 0])
  await noteEvent(db, login(clock.now()))
  clock.advance(40)
  await noteEvent(db, login(clock.now()))
  t.strictSame(await measured(), [2, 40])
  await sweeps.find(({ name }) => name === 'seal-audit')!.run()
  t.strictSame(await measured(), [0, 0])
})

t.test('without a key nothing is sealed, and nothing is lost', async (t) => {
  const { db, clock, verify } = await auditScene(t)
  await noteEvent(db, login(clock.now()))
  const keys = { ring: () => ({ version: '', keys: [], saml: [] }), refresh: async () => false }
  await t.rejects(makeSealer({ db, clock, keys }).seal(), { message: /no current ES256 key/ })
  t.match(await verify(), { batches: 0, unsealed: 1, faults: [] })
  t.match(await verifyAudit({ db, isOurs: () => false }), { faults: [] })
})

t.test('in the sandbox an emptied chain is a new one', async (t) => {
  const { db, clock, keys, seal, tamper, verify } = await auditScene(t)
  const sealers = [false, true].map((startsAnew) => makeSealer({ db, clock, keys, startsAnew }))
  await seal(2, 2)
  for (const sealer of sealers) {
    await noteEvent(db, login(clock.now()))
    await sealer.seal()
  }
  for (const sealer of sealers) {
    await tamper('truncate audit_event, audit_unsealed, audit_batch, audit_key, audit_head')
    await noteEvent(db, login(clock.now()))
    await sealer.seal()
    const { faults } = await verify()
    t.strictSame(faults, sealer === sealers[1] ? [] : [{ fault: 'sealed-in-doubt', batch: 1, doubt: 'end-cut' }])
  }
})
