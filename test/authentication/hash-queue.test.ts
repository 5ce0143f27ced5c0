import t from 'tap'
import { argon2Cost, makeHashQueue, makePermanente, type HashQueueParts } from '../../src/authentication/index.ts'
import { dummyHash, isOutdated } from '../../src/authentication/permanente/hash-queue.ts'
import { systemRandom } from '../../src/platform/index.ts'
import { testTimers } from '../support/timers.ts'
import { citizen, loginWith, scene, stepOf } from './scene.ts'

const busy = { refused: 'BUSY-01-try-again' }

/** A queue whose hashes last until they are let go. */
function held(limits: HashQueueParts['limits'], slots: number) {
  const running: (() => void)[] = []
  const timers = testTimers()
  const verify = () => new Promise<boolean>((resolve) => running.push(() => resolve(true)))
  const queue = makeHashQueue({
    random: systemRandom,
    limits,
    slots,
    timers,
    argon2: { verify, hash: () => Promise.reject(new Error('broken')) },
  })
  return { queue, running, timers }
}

function textOf(hashed: unknown): string {
  if (typeof hashed !== 'string') throw new Error('no hash')
  return hashed
}

t.test('as many hashes run at once as there are slots; who waits goes on in their order', async (t) => {
  const { queue, running } = held({ hashQueueLength: 10, hashQueueDeadline: 1_000 }, 2)
  const done: number[] = []
  const all = [1, 2, 3, 4].map((nth) => queue.verify('', '').then(() => done.push(nth)))
  await Promise.resolve()
  t.equal(running.length, 2)
  for (let nth = 0; nth < 4; nth++) {
    running[nth]?.()
    await new Promise(setImmediate)
    t.equal(running.length, Math.min(4, nth + 3))
  }
  await Promise.all(all)
  t.same(done, [1, 2, 3, 4])
})

t.test('beyond those that may wait, the next hears at once that the service is busy', async (t) => {
  const { queue, running } = held({ hashQueueLength: 1, hashQueueDeadline: 1_000 }, 1)
  const first = queue.verify('', '')
  const second = queue.verify('', '')
  t.same(await queue.verify('', ''), busy)
  running[0]?.()
  t.equal(await first, true)
  await new Promise(setImmediate)
  running[1]?.()
  t.equal(await second, true)
})

t.test('who waits beyond the deadline hears that the service is busy, and takes no slot', async (t) => {
  const { queue, running, timers } = held({ hashQueueLength: 5, hashQueueDeadline: 1_000 }, 1)
  const first = queue.verify('', '')
  const late = queue.verify('', '')
  timers.advance(999)
  t.same(timers.waiting(), [1])
  timers.advance(1)
  t.same(await late, busy)
  running[0]?.()
  t.equal(await first, true)
  t.equal(running.length, 1)
  const third = queue.verify('', '')
  await new Promise(setImmediate)
  running[1]?.()
  t.equal(await third, true, 'the slot is free again')
  t.same(timers.waiting(), [])
})

t.test('a hash that breaks gives its slot back', async (t) => {
  const { queue, running } = held({ hashQueueLength: 1, hashQueueDeadline: 1_000 }, 1)
  await t.rejects(queue.hash('x'), { message: 'broken' })
  const next = queue.verify('', '')
  await new Promise(setImmediate)
  running[0]?.()
  t.equal(await next, true)
})

t.test('argon2id, 19 MiB, two passes, one lane, a salt of its own', async (t) => {
  const queue = makeHashQueue({ random: systemRandom, limits: { hashQueueLength: 1, hashQueueDeadline: 1_000 } })
  const [one, other] = [textOf(await queue.hash('a password')), textOf(await queue.hash('a password'))]
  t.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  t.not(one, other)
  t.equal(await queue.verify(one, 'a password'), true)
  t.equal(await queue.verify(one, 'another'), false)
  t.equal(isOutdated(one), false)
  t.equal(isOutdated(one.replace(`t=${argon2Cost.timeCost}`, 't=1')), true)
  t.equal(isOutdated(dummyHash(systemRandom)), false, 'the dummy costs as much')
})

t.test('a full queue is answered with 503, is no failure, and keeps the document', async (t) => {
  const s = await scene(t)
  const { queue, running } = held({ hashQueueLength: 0, hashQueueDeadline: 1_000 }, 1)
  const permanente = makePermanente({ ...s.parts, hashes: queue })
  const { document } = citizen('99999999R')
  const enter = (typed: string) =>
    stepOf(permanente, 'permanente.password').submit(loginWith(), undefined, { document: typed, password: 'x' })
  const first = enter('99999998T')
  while (running.length === 0) await new Promise(setImmediate)
  t.match(await enter(document), {
    again: [{ field: '', text: 'refusal:BUSY-01-try-again.body' }, {}],
    status: 503,
    values: { document },
  })
  t.notOk(s.trace.includes('failure.count'))
  running[0]?.()
  await first
})
