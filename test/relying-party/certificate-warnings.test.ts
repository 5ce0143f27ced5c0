import t from 'tap'
import { makeMetrics, onceIn, openDb, systemRandom } from '../../src/platform/index.ts'
import {
  certificateWarnings,
  makeRelyingParties,
  relyingPartySweeps,
  type SamlRelyingParty,
} from '../../src/relying-party/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'
import { quietLog } from '../support/log.ts'
import { makeKeyPair } from '../support/saml-signer.ts'
import { acs, day, inDays, sp, written } from './sp-metadata.ts'

const now = new Date()
const certificate = (fingerprint: string, days: number) => ({
  ...{ pem: '', fingerprint, notBefore: now.toISOString() },
  notAfter: new Date(now.getTime() + days * day).toISOString(),
})
const party = (id: string, ...certificates: ReturnType<typeof certificate>[]) =>
  ({ id, saml: { certificates } }) as unknown as SamlRelyingParty

t.test('a certificate is told of from 60, 30 and 7 days before it expires', async (t) => {
  const thresholdAt = (days: number) => certificateWarnings([party('a', certificate('x', days))], now)[0]?.threshold
  t.same([61, 60.01, 60, 59.9, 31, 30, 29.5, 8, 7.5, 7, 1, 0.01, 0, -1].map(thresholdAt), [
    undefined,
    undefined,
    60,
    60,
    60,
    30,
    30,
    30,
    30,
    7,
    7,
    7,
    undefined,
    undefined,
  ])
  const soon = certificate('y', 6.5)
  t.same(certificateWarnings([party('a', certificate('x', 400)), party('b', soon, certificate('z', 90))], now), [
    { relyingParty: 'b', fingerprint: 'y', notAfter: new Date(soon.notAfter), days: 7, threshold: 7 },
  ])
})

t.test('of each certificate once, for encryption as well', async (t) => {
  const [one, two] = [certificate('x', 5), certificate('y', 5)]
  const encrypting = (encrypted: typeof one) =>
    ({ id: 'a', saml: { certificates: [one], encryption: { certificate: encrypted } } }) as unknown as SamlRelyingParty
  t.equal(certificateWarnings([encrypting(one)], now).length, 1)
  t.same(
    certificateWarnings([encrypting(two)], now).map(({ fingerprint }) => fingerprint),
    ['x', 'y'],
  )
})

t.test('the worker says it once for each threshold, on whatever instance, and keeps a gauge of days', async (t) => {
  const { db, url } = await testDatabase(t)
  const clock = testClock()
  const registry = makeRelyingParties({ db, clock, random: systemRandom, allowHttp: false })
  const ending = makeKeyPair('P-256', { notAfter: new Date(inDays(19.5)) })
  const pems = [sp.certificate.pem, ending.certificate.pem]
  const saml = (entityId: string, certificates: string[]) => ({ saml: { entityId, certificates, acs: [acs] } })
  written(await registry.register({ id: 'one', ...saml('urn:one', pems) }))
  written(await registry.register({ id: 'two', ...saml('urn:two', pems.slice(1)) }))
  written(await registry.register({ id: 'oidc', oidc: { redirect_uris: ['https://agency.example/'] } }))

  const log = quietLog(t)
  const metrics = makeMetrics({ deployment: 'test' })
  const otherDb = openDb({ url })
  t.teardown(() => otherDb.close())
  const sweep = async (on: typeof db, wire: Date) => {
    const parts = { db: on, once: onceIn(on), log, metrics, allowHttp: false, clock: { ...clock, wire: () => wire } }
    await relyingPartySweeps(parts)
      .find(({ name }) => name === 'warn-certificates')!
      .run()
  }
  const said = () =>
    log.lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .map(({ level, relyingParty, certificate, days }) => ({ level, relyingParty, certificate, days }))
  await Promise.all([db, otherDb, db, otherDb].map((on) => sweep(on, now)))
  await sweep(db, new Date(now.getTime() + day))
  const line = (relyingParty: string, days: number) => ({
    ...{ level: 'warn', relyingParty, certificate: ending.certificate.fingerprint, days },
  })
  t.same(new Set(said()), new Set([line('one', 20), line('two', 20)]))
  await sweep(otherDb, new Date(now.getTime() + 14 * day))
  t.same(new Set(said().slice(2)), new Set([line('one', 6), line('two', 6)]))

  const text = await metrics.text()
  const gauge = (id: string) =>
    Number(new RegExp(`clave_certificate_days\\{relying_party="${id}".*\\} (\\S+)`).exec(text)?.[1])
  t.ok(gauge('one') > 300, 'another one is registered that lasts')
  t.equal(Math.ceil(gauge('two')), 6)
  t.notMatch(text, /clave_certificate_days\{relying_party="oidc"/)
})
