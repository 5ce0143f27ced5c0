import { createPrivateKey } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import t from 'tap'
import { noteEvent, sayFault } from '../../src/audit/index.ts'
import { auditBatchTable } from '../../src/audit/audit-batch-table.ts'
import { hashOf, merkleRoot, readAnchor, signBatch, type Batch } from '../../src/audit/batch.ts'
import type { Teardown } from '../support/database.ts'
import { auditScene, login, type AuditScene } from './scene.ts'

/** Three batches of four rows, 1 to 4, 5 to 8, 9 to 12, of which the owner of the database then changes something. */
async function sealed(t: Teardown) {
  const scene = await auditScene(t)
  await scene.seal(3, 4)
  return scene
}
const faultsOf = async ({ verify }: AuditScene) => (await verify()).faults

t.test('a changed field of any column is found, and which row it is', async (t) => {
  const scene = await sealed(t)
  const changes = [
    `data = jsonb_set(data, '{level}', '"substantial"')`,
    `data = data - 'address'`,
    `data = data || '{"more": 1}'`,
    `at = at + interval '1 microsecond'`,
    `kind = 'logout'`,
    'citizen_id = null',
    `relying_party = 'dgt'`,
  ]
  for (const change of changes) {
    const [before] = await scene.tamper<Record<string, unknown>>(
      'select data, at::text, kind, citizen_id, relying_party from audit_event where id = 6',
    )
    await scene.tamper(`update audit_event set ${change} where id = 6`)
    t.strictSame(await faultsOf(scene), [{ fault: 'row-changed', row: 6, batch: 2 }], change)
    const { data, at, kind, citizen_id, relying_party } = before!
    await scene.tamper(
      'update audit_event set data = $1, at = $2, kind = $3, citizen_id = $4, relying_party = $5 where id = 6',
      JSON.stringify(data),
      at,
      kind,
      citizen_id,
      relying_party,
    )
    t.strictSame(await faultsOf(scene), [], 'put back, nothing is wrong')
  }
})

t.test('a removed row is found', async (t) => {
  const scene = await sealed(t)
  await scene.tamper('delete from audit_event where id in (4, 12)')
  t.strictSame(await faultsOf(scene), [
    { fault: 'row-missing', row: 4, batch: 1 },
    { fault: 'row-missing', row: 12, batch: 3 },
  ])
})

t.test('rows added behind the chain are found, whatever their number', async (t) => {
  const scene = await sealed(t)
  await scene.tamper('delete from audit_event where id = 3')
  for (const id of [-7, 0, 3, 500])
    await scene.tamper(
      `insert into audit_event (id, at, kind, data) overriding system value values ($1, now(), 'logout', '{}')`,
      id,
    )
  const faults = await faultsOf(scene)
  t.strictSame(faults, [
    { fault: 'row-added', row: -7 },
    { fault: 'row-added', row: 0 },
    { fault: 'row-added', row: 500 },
    { fault: 'row-changed', row: 3, batch: 1 },
  ])
})

t.test('rows that changed places are found, in a batch and across batches', async (t) => {
  const scene = await sealed(t)
  const swap = (one: number, other: number) =>
    scene.tamper(
      `update audit_event set data = other.data from audit_event as other
       where (audit_event.id, other.id) in (($1::bigint, $2::bigint), ($2, $1))`,
      one,
      other,
    )
  await swap(2, 3)
  await swap(5, 11)
  t.strictSame(await faultsOf(scene), [
    { fault: 'row-reordered', row: 2, batch: 1, holds: 3 },
    { fault: 'row-reordered', row: 3, batch: 1, holds: 2 },
    { fault: 'row-reordered', row: 5, batch: 2, holds: 11 },
    { fault: 'row-reordered', row: 11, batch: 3, holds: 5 },
  ])
})

t.test('a row removed or brought in before it was sealed is not hidden by that', async (t) => {
  const scene = await sealed(t)
  const { db, clock, sealer } = scene
  await noteEvent(db, login(clock.now()))
  await noteEvent(db, login(clock.now()))
  await scene.tamper('delete from audit_event where id = 13')
  await scene.tamper('delete from audit_unsealed where id = 14')
  await sealer.seal()
  t.strictSame(await faultsOf(scene), [
    { fault: 'row-missing', row: 13, batch: 4 },
    { fault: 'row-added', row: 14 },
  ])
})

t.test('a cut end is found while the head still names it, and afterwards by an anchor', async (t) => {
  const scene = await sealed(t)
  const { anchor } = await scene.verify()
  await scene.tamper('delete from audit_batch where seq >= 2')
  await scene.tamper('delete from audit_event where id > 4')
  t.strictSame(await faultsOf(scene), [{ fault: 'end-cut', from: 2, to: 3 }])
  await scene.tamper('update audit_head set (seq, hash) = (select seq, hash from audit_batch where seq = 1)')
  t.strictSame(await faultsOf(scene), [], 'cut cleanly, nothing inside of the database tells')
  const anchors = [readAnchor(anchor!)!]
  t.strictSame((await scene.verify({ anchors })).faults, [{ fault: 'anchor-missing', batch: 3 }])
  t.match(await (await scene.newSealer()).seal(), 0)
})

t.test('an end cut off under a sealer that knew it is told by its next batch for good', async (t) => {
  const scene = await sealed(t)
  const { db, clock, sealer } = scene
  const { anchor } = await scene.verify()
  await scene.tamper('delete from audit_batch where seq >= 2')
  await scene.tamper('delete from audit_event where id > 4')
  await scene.tamper('update audit_head set (seq, hash) = (select seq, hash from audit_batch where seq = 1)')
  for (let number = 0; number < 2; number++) {
    await noteEvent(db, login(clock.now()))
    await sealer.seal()
  }
  t.strictSame(await faultsOf(scene), [{ fault: 'sealed-in-doubt', batch: 2, doubt: 'end-cut' }])
  t.strictSame((await scene.verify({ anchors: [readAnchor(anchor!)!] })).faults.at(-1), {
    fault: 'anchor-differs',
    batch: 3,
  })
})

t.test('a batch taken out, a changed batch and a head set back are found', async (t) => {
  const scene = await sealed(t)
  const wrong = async (change: string) => {
    const batches = await auditBatchTable.scan(scene.db, 0, 10)
    await scene.tamper(change)
    const faults = await faultsOf(scene)
    await scene.tamper('delete from audit_batch')
    await scene.tamper('delete from audit_head')
    await scene.owner.transaction(async (tx) => {
      for (const batch of batches) await auditBatchTable.insert(tx, batch)
    })
    await scene.tamper('insert into audit_head (seq, hash) select seq, hash from audit_batch where seq = 3')
    return faults
  }
  t.strictSame(await wrong('delete from audit_batch where seq = 2'), [
    { fault: 'batches-missing', from: 2, to: 2 },
    ...[5, 6, 7, 8].map((row) => ({ fault: 'row-added', row })),
  ])
  t.strictSame(await wrong('delete from audit_batch where seq = 1'), [
    { fault: 'start-cut', batch: 2 },
    ...[1, 2, 3, 4].map((row) => ({ fault: 'row-added', row })),
  ])
  const changes: Readonly<Record<string, readonly string[]>> = {
    'ids = array[6,5,7,8]': ['batch-changed', 'signature-wrong', 'link-broken', 'row-reordered', 'row-reordered'],
    "sealed_at = sealed_at - interval '1 microsecond'": ['batch-changed', 'signature-wrong', 'link-broken'],
    "doubt = 'end-cut'": ['batch-changed', 'signature-wrong', 'sealed-in-doubt', 'link-broken'],
    'previous = root': ['link-broken', 'batch-changed', 'signature-wrong', 'link-broken'],
  }
  for (const [change, names] of Object.entries(changes)) {
    const faults = await wrong(`update audit_batch set ${change} where seq = 2`)
    t.strictSame(
      faults.map(({ fault }) => fault),
      names,
      change,
    )
  }
  t.match(await wrong('update audit_batch set leaves = root where seq = 2'), [{ fault: 'batch-changed', batch: 2 }])
  t.match(await wrong('update audit_batch set signature = hash where seq = 3'), [
    { fault: 'signature-wrong', batch: 3 },
  ])
  t.match(await wrong(`update audit_batch set kid = 'nobody' where seq = 3`), [
    { fault: 'batch-changed', batch: 3 },
    { fault: 'key-unknown', batch: 3 },
    { fault: 'key-not-ours', batch: 3 },
  ])
  t.strictSame(await wrong('update audit_head set (seq, hash) = (select seq, hash from audit_batch where seq = 2)'), [
    { fault: 'head-differs', batch: 3 },
  ])
  t.strictSame(await wrong('delete from audit_batch where seq = 99'), [], 'and put back, nothing is wrong')
})

t.test('a head set back does not bring the sealer to fork the chain, and is told', async (t) => {
  const scene = await sealed(t)
  await scene.tamper('update audit_head set (seq, hash) = (select seq, hash from audit_batch where seq = 2)')
  await noteEvent(scene.db, login(scene.clock.now()))
  t.equal(await scene.sealer.seal(), 1)
  t.strictSame(await faultsOf(scene), [{ fault: 'sealed-in-doubt', batch: 4, doubt: 'end-differs' }])
})

/** What the owner does who wants to change row 6 and has a key of their own: every batch from the second on is made anew. */
async function forge({ db, owner, tamper }: AuditScene): Promise<void> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(jwk)
  const key = createPrivateKey({ key: { ...(await exportJWK(privateKey)) }, format: 'jwk' })
  const batches = await auditBatchTable.scan(db, 1, 10)
  let [before] = await auditBatchTable.scan(db, 0, 1)
  await tamper('delete from audit_batch where seq > 1')
  await tamper('delete from audit_event where id = 6')
  await tamper('insert into audit_key values ($1, $2)', kid, JSON.stringify(jwk))
  for (const { hash: _hash, signature: _signature, leaves, ...batch } of batches) {
    const at = batch.ids.indexOf(6)
    const kept = at < 0 ? leaves : Buffer.concat([leaves.subarray(0, at * 32), leaves.subarray(at * 32 + 32)])
    const ids = batch.ids.filter((id) => id !== 6)
    const forged: Batch = signBatch(
      { ...batch, ids, root: merkleRoot(kept), previous: hashOf(before!), kid },
      kept,
      key,
    )
    await owner.transaction((tx) => auditBatchTable.insert(tx, forged))
    before = forged
  }
  await tamper('update audit_head set (seq, hash) = (select seq, hash from audit_batch order by seq desc limit 1)')
}

t.test(
  'a chain made anew and signed with another key is not ours, and a sealer says so before it goes on',
  async (t) => {
    const scene = await sealed(t)
    const { anchor } = await scene.verify()
    await forge(scene)
    t.strictSame(await faultsOf(scene), [{ fault: 'key-not-ours', batch: 3 }])
    await noteEvent(scene.db, login(scene.clock.now()))
    // One that knows nothing from before, as after a restart.
    await (await scene.newSealer()).seal()
    t.strictSame(await faultsOf(scene), [{ fault: 'sealed-in-doubt', batch: 4, doubt: 'end-unsigned' }])
    t.match((await scene.verify({ anchors: [readAnchor(anchor!)!] })).faults, [
      { fault: 'anchor-differs', batch: 3 },
      {},
    ])
  },
)

t.test('a key kept under the name of another is none', async (t) => {
  const scene = await sealed(t)
  const { publicKey } = await generateKeyPair('ES256')
  await scene.tamper('update audit_key set public_jwk = $1', JSON.stringify(await exportJWK(publicKey)))
  t.strictSame(
    await faultsOf(scene),
    [1, 2, 3].map((batch) => ({ fault: 'key-unknown', batch })),
  )
})

t.test('of many faults the first are named and all are counted, each as a sentence', async (t) => {
  const scene = await sealed(t)
  await scene.tamper(`update audit_event set kind = 'logout' where id > 2`)
  const { faults, more } = await scene.verify({ most: 4 })
  t.equal(faults.length, 4)
  t.equal(more, 6)
  t.equal(sayFault(faults[0]!), 'Row 3 (batch 1) was changed after it was sealed.')
  t.equal(sayFault({ fault: 'batches-missing', from: 2, to: 4 }), 'Batches 2 to 4 are missing.')
})
