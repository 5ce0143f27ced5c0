import { X509Certificate } from 'node:crypto'
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

const certificateOf = (key: { certificate: string } | undefined) =>
  new X509Certificate(Buffer.from(key?.certificate ?? '', 'base64'))

t.test('SAML messages have keys of their own: RSA with 2048 bits, apart from those of tokens', async (t) => {
  const { db } = await testDatabase(t)
  const keys = await openSigningKeys({ db, envelope, clock: movedClock() })
  t.same(
    keys.ring().saml.map(({ state }) => state),
    ['current', 'next'],
  )
  for (const key of keys.ring().saml) {
    t.match(key.privateKey.asymmetricKeyDetails, { modulusLength: 2048 })
    t.ok(certificateOf(key).checkPrivateKey(key.privateKey))
    t.notOk(keys.ring().keys.some(({ kid }) => kid === key.kid))
  }
  const [first] = keys.ring().saml
  t.equal(await keys.refresh(), false)
  t.equal(keys.ring().saml[0]?.privateKey, first?.privateKey, 'made once a reading')
})

t.test(
  'the certificate of a SAML key is self-signed, by the name handed in, for five years of wire time',
  async (t) => {
    const { db } = await testDatabase(t)
    const clock = movedClock()
    const keys = await openSigningKeys({ db, envelope, clock, algs: ['RS512'], commonName: 'clave.example' })
    const [key] = keys.ring().saml
    const certificate = certificateOf(key)
    t.same([certificate.subject, certificate.issuer], ['CN=clave.example', 'CN=clave.example'])
    t.ok(certificate.verify(certificate.publicKey))
    const seconds = (at: Date) => Math.floor(at.getTime() / 1000)
    t.equal(seconds(certificate.validFromDate), seconds(clock.wire()))
    const ends = clock.wire()
    ends.setUTCFullYear(ends.getUTCFullYear() + 5)
    t.equal(seconds(key!.notAfter), seconds(ends))
    const named = await openSigningKeys({ db: (await testDatabase(t)).db, envelope, clock, algs: ['RS512'] })
    t.equal(certificateOf(named.ring().saml[0]).subject, 'CN=clave')
  },
)

t.test('a SAML key is published from the start, signs after a rotation, and goes after its grace', async (t) => {
  const { db } = await testDatabase(t)
  const clock = movedClock()
  const keys = await openSigningKeys({ db, envelope, clock, algs: ['RS512'], grace: day })
  const [first, second] = keys.ring().saml
  t.equal(await keys.rotate('RS512'), true)
  t.same(
    keys
      .ring()
      .saml.map(({ state, certificate }) => [state, certificate])
      .slice(0, 2),
    [
      ['current', second?.certificate],
      ['previous', first?.certificate],
    ],
  )
  t.equal(keys.ring().saml[2]?.state, 'next')
  clock.advance(day)
  t.equal(await keys.rotate('RS512'), true)
  t.notOk(keys.ring().saml.some(({ kid }) => kid === first?.kid))
  t.same(keys.ring().keys, [])
})

t.test('a certificate that ends after 2049 has its time written the longer way', async (t) => {
  const { db } = await testDatabase(t)
  const far = { ...movedClock(), wire: () => new Date('2047-03-01T00:00:00Z') }
  const keys = await openSigningKeys({ db, envelope, clock: far, algs: ['RS512'] })
  t.equal(keys.ring().saml[0]?.notAfter.toISOString(), '2052-03-01T00:00:00.000Z')
})
