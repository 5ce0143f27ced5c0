import t from 'tap'
import { leaseRows } from '../../src/relying-party/lease-rows.ts'

const forever = 3_600_000

function rows() {
  const asked: string[] = []
  const there = new Map<string, { readonly id: string; readonly saml?: { name?: string } }>()
  const find = async (id: string) => {
    asked.push(id)
    return there.get(id)
  }
  return { asked, there, find }
}

t.test('a row is asked for once while its time lasts', async (t) => {
  const { asked, there, find } = rows()
  const { find: leased } = leaseRows(find, forever)
  const row = { id: 'aeat' }
  there.set('aeat', row)
  t.equal(await leased('aeat'), row)
  t.equal(await leased('aeat'), row)
  t.same(asked, ['aeat'])
})

t.test('its time begins before it is asked for, so that an answer on its way for longer is not kept', async (t) => {
  let now = 1_000
  t.intercept(performance, 'now', { value: () => now })
  const { asked, there, find } = rows()
  there.set('aeat', { id: 'aeat' })
  const { find: leased } = leaseRows(async (id: string) => {
    now += 260
    return find(id)
  }, 250)
  await leased('aeat')
  await leased('aeat')
  t.same(asked, ['aeat', 'aeat'])
})

t.test('without a lease each request asks', async (t) => {
  const { asked, there, find } = rows()
  there.set('aeat', { id: 'aeat' })
  const { find: leased } = leaseRows(find, 0)
  await leased('aeat')
  await leased('aeat')
  t.same(asked, ['aeat', 'aeat'])
})

t.test('what is not there is never kept', async (t) => {
  const { asked, there, find } = rows()
  const { find: leased } = leaseRows(find, forever)
  t.equal(await leased('new'), undefined)
  there.set('new', { id: 'new' })
  t.ok(await leased('new'))
  t.same(asked, ['new', 'new'])
})

t.test('no more are held than there is room for', async (t) => {
  const { asked, find } = rows()
  const { find: leased } = leaseRows(async (id: string) => ({ id, found: await find(id) }), forever)
  for (let id = 0; id < 1_001; id++) await leased(String(id))
  await leased('1000')
  t.equal(asked.length, 1_001)
  await leased('0')
  t.equal(asked.length, 1_002)
})

t.test('what a search by another name found is known by its id', async (t) => {
  const { asked, there, find } = rows()
  const leased = leaseRows(find, forever)
  there.set('aeat', { id: 'aeat' })
  await leased.find('aeat')
  const newer = { id: 'aeat', saml: { name: 'S2833002E_AEAT' } }
  t.same(await leased.search(async () => [newer]), [newer])
  t.equal(await leased.find('aeat'), newer)
  t.same(asked, ['aeat'])
})

t.test('an older answer that comes later changes nothing', async (t) => {
  let now = 1_000
  t.intercept(performance, 'now', { value: () => now })
  const leased = leaseRows(async (id: string) => ({ id }), forever)
  const newer = { id: 'aeat', saml: {} }
  let answer = (_rows: readonly { id: string }[]) => {}
  const slow = leased.search(() => new Promise((resolve) => (answer = resolve)))
  now += 1
  await leased.search(async () => [newer])
  answer([{ id: 'aeat' }])
  await slow
  t.equal(await leased.find('aeat'), newer)
})

t.test('a row that many requests use cannot be written to', async (t) => {
  const { there, find } = rows()
  there.set('aeat', { id: 'aeat', saml: { name: 'S2833002E_AEAT' } })
  const row = await leaseRows(find, forever).find('aeat')
  t.throws(() => (row!.saml!.name = 'other'), TypeError)
})
