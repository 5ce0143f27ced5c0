import { setTimeout as rest } from 'node:timers/promises'
import t from 'tap'
import { gather } from '../../src/messaging/gather.ts'

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
  const b = say('b')
  await rest(5)
  t.same(await Promise.all([b, say('c')]), ['B', 'C'])
  t.same(batches, ['a', 'bc'])
})

t.test('a full batch makes no pause', async (t) => {
  const { batches, say } = letters(1_000)
  t.same(await Promise.all([...'abcd'].map(say)), [...'ABCD'])
  t.same(batches, ['abc', 'd'])
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
