import t from 'tap'
import { citizensIn, type CitizenOnRecord, type Contrast } from '../../src/citizen/index.ts'
import { openDb } from '../../src/platform/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'

const registered = new Date('2026-01-15T10:00:00Z')

function record(
  id: number,
  document: string,
  change: Partial<CitizenOnRecord['citizen']> = {},
  contrast?: Contrast,
): CitizenOnRecord {
  return {
    citizen: {
      id: `11111111-0000-4000-8000-00000000000${id}`,
      document,
      kind: 'dni',
      name: { given: 'ANA', firstSurname: 'PRUEBA', secondSurname: undefined },
      phone: `+3460000000${id}`,
      email: undefined,
      locale: 'es',
      registration: { level: 'basic', channel: 'letter', at: registered },
      renouncedAt: undefined,
      deceased: false,
      blockedMethods: [],
      ...change,
    },
    contrast: contrast ?? { kind: 'valid-until', date: '2031-06-30' },
  }
}

t.test('a citizen is found by id and by document, with the contrast of each kind of document', async (t) => {
  const { db } = await testDatabase(t)
  const citizens = citizensIn(db, testClock())
  const contrasts: Contrast[] = [
    { kind: 'valid-until', date: '2031-06-30' },
    { kind: 'issued', date: '1998-03-02' },
    { kind: 'support', number: 'E00012345' },
  ]
  for (const [index, contrast] of contrasts.entries()) {
    const one = record(index, `0000000${index}T`, {}, contrast)
    t.equal(await citizens.put(one), one.citizen.id)
    t.same(await citizens.byDocument(one.citizen.document), one)
    t.same(await citizens.find(one.citizen.id), one.citizen)
  }
  t.equal(await citizens.byDocument('00000009D'), undefined)
  t.equal(await citizens.find('11111111-0000-4000-8000-00000000000f'), undefined)
  t.equal(await citizens.find("' or true"), undefined, 'an id that is none is nobody')
})

t.test('the id of a document is for life', async (t) => {
  const { db } = await testDatabase(t)
  const citizens = citizensIn(db, testClock())
  const first = record(1, '00000001R')
  await citizens.put(first)
  const renounced = { registration: undefined, renouncedAt: registered, phone: undefined }
  t.equal(await citizens.put(record(2, '00000001R', renounced)), first.citizen.id)
  t.match(await citizens.find(first.citizen.id), renounced)
})

t.test('one mobile, one registered citizen', async (t) => {
  const { db } = await testDatabase(t)
  const citizens = citizensIn(db, testClock())
  await citizens.put(record(1, '00000001R'))
  await t.rejects(citizens.put(record(2, '00000002W', { phone: '+34600000001' })), { code: '23505' })
  await t.resolves(
    citizens.put(record(3, '00000003A', { phone: '+34600000001', registration: undefined })),
    'not registered: no matter',
  )
})

t.test('a renewed document brings its new contrast', async (t) => {
  const { db } = await testDatabase(t)
  const citizens = citizensIn(db, testClock())
  const one = record(1, '00000001R')
  await citizens.put(one)
  await citizens.renewContrast(one.citizen.id, { kind: 'issued', date: '2026-11-02' })
  t.same((await citizens.byDocument('00000001R'))?.contrast, { kind: 'issued', date: '2026-11-02' })
})

t.test('a login reads its citizen with one indexed select', async (t) => {
  const { url } = await testDatabase(t)
  const seen: string[] = []
  const db = openDb({ url, observe: (name) => seen.push(name) })
  t.teardown(() => db.close())
  await citizensIn(db, testClock()).byDocument('00000001R')
  t.same(seen, ['citizen.by-document'])
})
