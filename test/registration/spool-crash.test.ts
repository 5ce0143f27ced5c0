import { readdir } from 'node:fs/promises'
import t from 'tap'
import type { Random } from '../../src/platform/index.ts'
import { makeLetters, readAcknowledgements } from '../../src/registration/index.ts'
import { dyingAt, Killed } from './failpoints.ts'
import { askAll, checkPrinted, printer } from './printer.ts'
import { scene } from './scene.ts'

const crashes = ['before', 'after', 'file'] as const
for (const when of crashes)
  t.test(`killed at any point (${when}), each letter is printed once and none is lost`, async (t) => {
    const s = await scene(t)
    await askAll(s)
    const print = printer(s.press)
    let died = 0
    for (let nth = 1; nth < 200; nth++) {
      const parts =
        when === 'file'
          ? { ...s.press, random: failing(s.press.random, nth) }
          : { ...s.press, db: dyingAt(s.db, nth, when) }
      const ended = await makeLetters(parts).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof Killed)) throw error
          died++
          return false
        },
      )
      await print.look()
      if (ended) break
    }
    t.ok(died > 2, `${died} places to die at`)
    await checkPrinted(
      t,
      s,
      print.printed.map(({ csv }) => csv),
    )
    t.equal(print.manifests.size, 1)
  })

t.test('killed at any point of the acknowledgement, the files go in the end', async (t) => {
  const s = await scene(t)
  await askAll(s)
  await makeLetters(s.press)
  const print = printer(s.press)
  await print.look()
  for (const batch of print.manifests.keys()) await print.answer(batch)
  for (let nth = 1; nth < 20; nth++)
    await readAcknowledgements({ ...s.press, db: dyingAt(s.db, nth, nth % 2 ? 'before' : 'after') }).catch(() => {})
  t.same(await readdir(s.press.directory), [])
  await makeLetters(s.press)
  t.same(await readdir(s.press.directory), [])
})

/** Randomness that fails when the nth file is to be written. */
function failing(random: Random, nth: number): Random {
  let left = nth
  return {
    ...random,
    token: (bytes) => {
      if (--left <= 0) throw new Killed('file')
      return random.token(bytes)
    },
  }
}
