import { calculateJwkThumbprint, createLocalJWKSet, importJWK, jwtVerify, SignJWT } from 'jose'
import t from 'tap'
import { openEnvelope, openSigningKeys, statement, systemRandom, type SigningKeys } from '../../src/platform/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'

const day = 24 * 60 * 60
const envelope = openEnvelope([{ id: 'k1', key: systemRandom.bytes(32) }])
const states = (keys: SigningKeys) => keys.ring().keys.map(({ alg, state }) => `${alg} ${state}`)
const kid = (keys: SigningKeys, state: string) => keys.ring().keys.find((key) => key.state === state)?.kid

/** A clock both of whose hands are moved: keys retire by the real one. */
function movedClock() {
  const clock = testClock()
  return { ...clock, wire: clock.now }
}

t.test('at first there is a current and a next key of each algorithm', async (t) => {
  const { db } = await testDatabase(t)
  const keys = await openSigningKeys({ db, envelope, clock: movedClock() })
  t.same(states(keys), ['ES256 current', 'ES256 next', 'RS256 current', 'RS256 next'])
  for (const key of keys.ring().keys) {
    t.equal(key.kid, await calculateJwkThumbprint(key.publicJwk), 'kid is the thumbprint (RFC 7638)')
    t.match(key.publicJwk, { kid: key.kid, alg: key.alg, use: 'sig' })
    t.notOk('d' in key.publicJwk)
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: key.alg, kid: key.kid })
      .sign(await importJWK(key.privateJwk, key.alg))
    t.ok(await jwtVerify(token, createLocalJWKSet({ keys: keys.ring().keys.map(({ publicJwk }) => publicJwk) })))
  }
})

t.test('four instances that start at once agree on the keys', async (t) => {
  const { db } = await testDatabase(t)
  const start = () => openSigningKeys({ db, envelope, clock: movedClock(), algs: ['ES256'] })
  const all = await Promise.all([start(), start(), start(), start()])
  await Promise.all(all.map((keys) => keys.refresh()))
  t.equal(new Set(all.map((keys) => keys.ring().version)).size, 1)
  t.same(all.map(states), Array(4).fill(['ES256 current', 'ES256 next']))
})

t.test(
  'rotation: next signs, current becomes previous and goes after its grace, a new next is published',
  async (t) => {
    const { db } = await testDatabase(t)
    const clock = movedClock()
    const keys = await openSigningKeys({ db, envelope, clock, algs: ['ES256'], grace: day })
    const [first, second] = [kid(keys, 'current'), kid(keys, 'next')]
    t.equal(await keys.rotate('ES256'), true)
    t.same(states(keys), ['ES256 current', 'ES256 previous', 'ES256 next'])
    t.same([kid(keys, 'current'), kid(keys, 'previous')], [second, first])
    clock.advance(day - 1)
    t.equal(await keys.rotate('ES256'), true)
    t.equal(
      keys.ring().keys.filter(({ state }) => state === 'previous').length,
      2,
      'within its grace a previous key verifies on',
    )
    clock.advance(1)
    t.equal(await keys.rotate('ES256'), true)
    t.notOk(keys.ring().keys.some((key) => key.kid === first))
    t.equal(keys.ring().keys.filter(({ state }) => state === 'previous').length, 2)
  },
)

t.test('of four instances that rotate at once one does', async (t) => {
  const { db } = await testDatabase(t)
  const start = () => openSigningKeys({ db, envelope, clock: movedClock(), algs: ['ES256'] })
  const first = await start()
  const all = [first, await start(), await start(), await start()]
  const next = kid(first, 'next')
  const rotated = await Promise.all(all.map((keys) => keys.rotate('ES256')))
  t.equal(rotated.filter(Boolean).length, 1)
  for (const keys of all) {
    await keys.refresh()
    t.same(states(keys), ['ES256 current', 'ES256 previous', 'ES256 next'])
    t.equal(kid(keys, 'current'), next)
  }
})

t.test('refresh tells whether another instance changed the ring', async (t) => {
  const { db } = await testDatabase(t)
  const start = () => openSigningKeys({ db, envelope, clock: movedClock(), algs: ['ES256'] })
  const [one, other] = [await start(), await start()]
  t.equal(await other.refresh(), false)
  const before = other.ring()
  await one.rotate('ES256')
  t.equal(other.ring(), before, 'no round trip, no change')
  t.equal(await other.refresh(), true)
  t.equal(other.ring().version, one.ring().version)
})

t.test('private keys lie sealed, each for its own row', async (t) => {
  const { db } = await testDatabase(t)
  const clock = movedClock()
  const keys = await openSigningKeys({ db, envelope, clock, algs: ['ES256'] })
  const all = await db.rows(statement<{ row: string }>('test.keys', 'select signing_key::text as row from signing_key'))
  for (const { privateJwk } of keys.ring().keys) t.notOk(all.some(({ row }) => row.includes(privateJwk.d ?? 'd')))
  const others = openEnvelope([{ id: 'k2', key: systemRandom.bytes(32) }])
  await t.rejects(openSigningKeys({ db, envelope: others, clock }), { message: /No master key "k1"/ })
  await db.rows(
    statement(
      'test.swap',
      `update signing_key set sealed_private_jwk = (select sealed_private_jwk from signing_key where state = 'next')`,
    ),
  )
  await t.rejects(openSigningKeys({ db, envelope, clock, algs: ['ES256'] }))
})
