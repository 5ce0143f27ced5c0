import t from 'tap'
import { onceIn, sweepOnce } from '../../src/platform/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'

t.test('of 50 at once the first is told yes, and every later one no', async (t) => {
  const { db } = await testDatabase(t)
  const once = onceIn(db)
  const expires = testClock().in(60)
  const answers = await Promise.all(Array.from({ length: 50 }, () => once('oidc-code', 'code', expires)))
  t.equal(answers.filter(Boolean).length, 1)
  t.equal(await once('oidc-code', 'code', expires), false)
  t.equal(await once('oidc-code', 'other', expires), true)
  t.equal(await once('oidc-replay', 'code', expires), true, 'another kind is another thing')
})

t.test('what happened inside a transaction that rolled back did not happen', async (t) => {
  const { db } = await testDatabase(t)
  const expires = testClock().in(60)
  await t.rejects(
    db.transaction(async (tx) => {
      t.equal(await onceIn(tx)('oidc-code', 'code', expires), true)
      throw new Error('thought better of it')
    }),
  )
  t.equal(await onceIn(db)('oidc-code', 'code', expires), true)
})

t.test('sweeping forgets what expired, and nothing else', async (t) => {
  const { db } = await testDatabase(t)
  const once = onceIn(db)
  const clock = testClock()
  await once('oidc-code', 'old', clock.in(60))
  await once('oidc-code', 'young', clock.in(61))
  await sweepOnce(db, clock.in(60))
  t.equal(await once('oidc-code', 'young', clock.in(61)), false)
  t.equal(await once('oidc-code', 'old', clock.in(60)), true)
})
