import { mock } from 'node:test'
import t from 'tap'
import { gather } from '../../src/messaging/gather.ts'

// Pauses end when a test says so.
mock.timers.enable({ apis: ['setTimeout'] })

const turn = () => new Promise(setImmediate)

/** Batches of up to three letters, as they were worked on. */
function letters(pause?: number) {
  const batches: string[] = []
  const say = gather<string, string>(
    3,
    async (items) => {
      batches.push(items.join(''))
      return items.map((item) => item.toUpperCase())
    },
    pause,
  )
  return { batches, say }
}

t.test('what is asked for in one turn goes together, as much as fits, and each hears its own answer', async (t) => {
  const { batches, say } = letters()
  t.same(await Promise.all([...'abcde'].map(say)), [...'ABCDE'])
  t.same(batches, ['abc', 'de'])
})

t.test('what comes within a pause goes together after it', async (t) => {
  const { batches, say } = letters(30)
  t.equal(await say('a'), 'A')
  const both = Promise.all([...'bc'].map(say))
  await turn()
  mock.timers.tick(29)
  await turn()
  t.same(batches, ['a'])
  mock.timers.tick(1)
  t.same(await both, ['B', 'C'])
  t.same(batches, ['a', 'bc'])
})

t.test('there is no pause while as many are waiting as go together', async (t) => {
  const { batches, say } = letters(30)
  t.same(await Promise.all([...'abcdef'].map(say)), [...'ABCDEF'])
  t.same(batches, ['abc', 'def'])
})

t.test('a pause is over as soon as as many are waiting as go together', async (t) => {
  const { batches, say } = letters(30)
  t.equal(await say('a'), 'A')
  const both = [...'bc'].map(say)
  await turn()
  t.same(batches, ['a'])
  t.same(await Promise.all([...both, say('d')]), ['B', 'C', 'D'])
  t.same(batches, ['a', 'bcd'])
})

t.test('one failure is told to all that it was about, and to nobody else', async (t) => {
  let fail = true
  const say = gather<string, string>(3, async (items) => {
    if (fail) throw new Error('away')
    return items
  })
  t.match(await Promise.allSettled([say('a'), say('b')]), [{ status: 'rejected' }, { status: 'rejected' }])
  fail = false
  t.equal(await say('c'), 'c')
})
