import t from 'tap'
import { testDatabase } from '../support/database.ts'
import { journeyRoom, type JourneyRoom, type Said, type Walker } from './journey-room.ts'

const { db } = await testDatabase(t)
const bases = ['/walk', '/walks/:id'] as const
const pathOf = ({ at }: Said): string => at.replace(/^\/walks?(\/[\w-]{22})?/, '').replace(/\?.*/, '')

async function begun(room: JourneyRoom): Promise<Walker> {
  const walker = room.browser()
  await walker.begin()
  return walker
}

/** Where it stands, and with which words. */
async function standing(walker: Walker): Promise<unknown> {
  const said = await walker.look('/end')
  return [pathOf(said), said.model['words']]
}

for (const base of bases) {
  t.test(`${base}: from its start to its end, each page after the one before`, async (t) => {
    const room = await journeyRoom(t, db, base)
    const walker = room.browser()
    const first = await walker.begin()
    t.equal(pathOf(first), '/one')
    t.match(first.model, { template: 'one', words: ['zero'], action: first.at, timeout: { seconds: 600 } })
    t.equal(pathOf(await walker.send('/one', { word: 'a' })), '/two')
    const end = await walker.send('/two', { word: 'b' })
    t.equal(pathOf(end), '/end')
    t.equal(end.model['timeout'], undefined, 'nothing is to be done any more')
  })

  t.test(`${base}: a start that is wrong keeps nothing`, async (t) => {
    const room = await journeyRoom(t, db, base)
    const walker = await begun(room)
    t.match((await walker.get('/begin?asked=yes')).body, '"asked":"yes"')
    await room.store.clear()
    const again = await walker.submit('/begin', { word: 'wrong' })
    t.equal(again.status, 422)
    t.match(JSON.parse(again.body), { template: 'start', problems: [{ field: 'word' }], values: { word: 'wrong' } })
    t.equal((await walker.look('/one')).model['template'], 'lost')
  })

  t.test(`${base}: of 50 moves at once one moves it, and all are led to where it stands`, async (t) => {
    const room = await journeyRoom(t, db, base)
    const walker = await begun(room)
    const ends = await Promise.all(Array.from({ length: 50 }, (_, i) => walker.send('/one', { word: `w${i}` })))
    t.same(new Set(ends.map(pathOf)), new Set(['/two']))
    const words = new Set(ends.map(({ model }) => JSON.stringify(model['words'])))
    t.equal(words.size, 1, 'all see the words of the one')
  })

  t.test(`${base}: of 50 requests for a file the one that moves the journey gets it`, async (t) => {
    const room = await journeyRoom(t, db, base)
    const walker = await begun(room)
    await walker.send('/one', { word: 'a' })
    await walker.send('/two', { word: 'b' })
    const answers = await Promise.all(Array.from({ length: 50 }, () => walker.send('/paper')))
    t.equal(answers.filter(({ model }) => model['body'] === 'the paper').length, 1)
    t.equal(answers.filter((one) => pathOf(one) === '/end').length, 49)
  })

  t.test(
    `${base}: the back button and a form of a page that is over do nothing, and lead to where it stands`,
    async (t) => {
      const room = await journeyRoom(t, db, base)
      const walker = await begun(room)
      for (const path of ['/two', '/end']) t.equal(pathOf(await walker.look(path)), '/one', path)
      t.equal(pathOf(await walker.send('/two', { word: 'early' })), '/one')
      await walker.send('/one', { word: 'a' })
      t.equal(pathOf(await walker.look('/one')), '/two')
      t.equal(pathOf(await walker.send('/one', { word: 'late' })), '/two')
      t.equal(pathOf(await walker.send('/one', {})), '/two', 'nor is a form looked at that does not fit')
      t.same(room.carried, ['a'])
      t.equal(pathOf(await walker.look('/beside')), '/beside', 'a page that is open in several states is shown')
    },
  )

  t.test(
    `${base}: a form with a field that is missing, too long or doubled is refused; an unknown one is let be`,
    async (t) => {
      const room = await journeyRoom(t, db, base)
      const walker = await begun(room)
      t.equal((await walker.send('/one', {})).status, 400)
      t.equal((await walker.send('/one', { word: 'x'.repeat(11) })).status, 400)
      t.same(await standing(walker), ['/one', ['zero']])
      t.equal(pathOf(await walker.send('/one', { word: 'a', page: 'end', at: 'end', expires: '9' })), '/two')
      t.same(await standing(walker), ['/two', ['zero', 'a']])
    },
  )

  t.test(`${base}: the same page again, saying what is wrong; a refusal has a page of its own`, async (t) => {
    const room = await journeyRoom(t, db, base)
    const walker = await begun(room)
    const again = await walker.send('/one', { word: 'wrong' })
    t.equal(again.status, 422)
    t.match(again.model, { template: 'one', problems: [{ field: 'word' }], values: { word: 'wrong' }, hint: 'yes' })
    t.match((await walker.look('/one')).model, { values: { word: 'old' } })
    t.equal((await walker.send('/one', { word: 'refused' })).status, 503)
    t.equal(pathOf(await walker.send('/one', { word: 'moved' })), '/one')
  })

  t.test(`${base}: a page cannot lead where its row does not say`, async (t) => {
    const room = await journeyRoom(t, db, base)
    const walker = await begun(room)
    await walker.send('/one', { word: 'a' })
    t.equal((await walker.send('/two', { word: 'back' })).status, 500)
    t.same(await standing(walker), ['/two', ['zero', 'a']])
  })

  t.test(`${base}: it lapses at its deadline, which is explained`, async (t) => {
    const room = await journeyRoom(t, db, base)
    const walker = await begun(room)
    room.clock.advance(599)
    t.match((await walker.look('/one')).model, { timeout: { seconds: 1 } })
    room.clock.advance(1)
    t.match(await walker.look('/one'), { status: 410, model: { template: 'lost', why: 'expired', kind: 'a walk' } })
    t.match((await walker.send('/one', { word: 'late' })).model, { why: 'expired' })
    t.match((await walker.send('/more-time')).model, { why: 'expired' }, 'it is not brought back')
    t.same(room.carried, [])
    room.clock.advance(2_400)
    t.match((await walker.look('/one')).model, { why: 'unknown' })
  })

  t.test(`${base}: its end ${base === '/walk' ? 'lapses too' : 'stays to be read'}`, async (t) => {
    const room = await journeyRoom(t, db, base)
    const walker = await begun(room)
    await walker.send('/one', { word: 'a' })
    await walker.send('/two', { word: 'b' })
    t.equal(pathOf(await walker.send('/more-time')), '/end')
    room.clock.advance(600)
    t.equal((await walker.look('/end')).status, base === '/walk' ? 410 : 200)
  })

  t.test(
    `${base}: more time is what it began with, and bounded; it leads back to the page it was asked on`,
    async (t) => {
      const room = await journeyRoom(t, db, base)
      const walker = await begun(room)
      const { model } = await walker.look('/beside')
      const { extend } = model['timeout'] as { extend: string }
      const more = async () =>
        JSON.parse((await walker.post(extend, {}, { accept: 'application/json' })).body) as unknown
      for (const [later, seconds] of [
        [550, 600],
        [550, 400],
        [100, 300],
      ] as const) {
        room.clock.advance(later)
        t.same(await more(), { seconds })
      }
      t.match((await walker.submit(extend)).at, /\/beside$/)
      t.match((await walker.submit(extend.replace('beside', 'two'))).at, /\/one$/, 'that one is not open')
      const timeout = (await walker.look('/one')).model['timeout']
      t.same(timeout, { seconds: 300 }, 'more is not offered any longer')
    },
  )

  t.test(`${base}: extended while it is moved, it moves, and keeps the time`, async (t) => {
    const room = await journeyRoom(t, db, base)
    const walker = await begun(room)
    room.clock.advance(500)
    room.meanwhile = () => walker.send('/more-time')
    t.match(await walker.send('/one', { word: 'a' }), { model: { words: ['zero', 'a'], timeout: { seconds: 600 } } })
  })

  t.test(`${base}: moved while a form is carried out, whoever was slower is led to where it stands`, async (t) => {
    const room = await journeyRoom(t, db, base)
    const walker = await begun(room)
    room.meanwhile = () => walker.send('/one', { word: 'fast' })
    const slow = await walker.send('/one', { word: 'slow' })
    t.equal(pathOf(slow), '/two')
    t.same(slow.model['words'], ['zero', 'fast'])
  })

  t.test(`${base}: the store lost: a page explains, nothing is carried out, and it can be begun again`, async (t) => {
    const room = await journeyRoom(t, db, base)
    const walker = await begun(room)
    room.meanwhile = () => room.store.clear()
    t.match((await walker.send('/one', { word: 'a' })).model, { template: 'lost', why: 'unknown' })
    for (const path of ['/one', '/two', '/more-time'])
      t.match((await walker.send(path, { word: 'b' })).model, { why: 'unknown' }, path)
    t.match((await walker.look('/one')).model, { why: 'unknown' })
    t.match((await walker.look('/beside')).at, '/begin', 'a page may lead to the start instead')
    t.same(room.carried, ['a'])
    t.equal(pathOf(await walker.begin()), '/one')
  })
}

t.test('with the id in the path another browser is kept out, whatever it knows', async (t) => {
  const room = await journeyRoom(t, db, '/walks/:id')
  const walker = await begun(room)
  const { at } = await walker.look('/one')
  const other = await begun(room)
  t.match(JSON.parse((await other.get(at)).body), { template: 'lost', why: 'foreign' })
  t.match(JSON.parse((await other.post(at, { word: 'a' })).body), { why: 'foreign' })
  t.match(JSON.parse((await room.browser().get(at)).body), { why: 'foreign' }, 'nor one without a cookie')
  t.match(JSON.parse((await other.get('/walks/x/one')).body), { why: 'unknown' })
  t.same(await standing(walker), ['/one', ['zero']])
})

t.test(
  'with the id in the path two tabs may each have a journey, and its bare address leads to its page',
  async (t) => {
    const room = await journeyRoom(t, db, '/walks/:id')
    const walker = await begun(room)
    const { at } = await walker.look('/one')
    await walker.begin()
    await walker.send('/one', { word: 'a' })
    t.equal((await walker.open(at)).at, at)
    t.equal((await walker.open(at.replace('/one', ''))).at, at)
  },
)

t.test('with the id in the cookie another browser finds nothing', async (t) => {
  const room = await journeyRoom(t, db, '/walk')
  await begun(room)
  const other = room.browser()
  t.match((await other.look('/one')).model, { why: 'unknown' })
})

t.test('with the id in the cookie a form of the journey before is not taken for the one begun since', async (t) => {
  const room = await journeyRoom(t, db, '/walk')
  const walker = await begun(room)
  const { journey } = (await walker.look('/one')).model as { journey: string }
  await walker.begin()
  t.match((await walker.send('/one', { journey, word: 'a' })).model, { template: 'lost', why: 'foreign' })
  t.same(room.carried, [])
  t.same(await standing(walker), ['/one', ['zero']])
})

t.test('a journey begun anew while a form of the one before is carried out is not moved by it', async (t) => {
  const room = await journeyRoom(t, db, '/walk')
  const walker = await begun(room)
  room.meanwhile = () => walker.begin()
  t.same((await walker.send('/one', { word: 'a' })).model['words'], ['zero'])
})

t.test('given up, it is gone; where there is none, giving up does nothing', async (t) => {
  const room = await journeyRoom(t, db, '/walk')
  const walker = await begun(room)
  t.match((await walker.look('/one')).model, { leave: '/walk/leave' })
  t.equal((await walker.send('/leave')).at, '/begin')
  t.equal((await walker.send('/leave')).at, '/begin')
  t.match((await walker.look('/one')).model, { why: 'unknown' })
})
