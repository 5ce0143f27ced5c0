import t, { type Test } from 'tap'
import { makeMetrics, onceIn, openDb, systemRandom, type Sweep } from '../../src/platform/index.ts'
import { makeRelyingParties, relyingPartySweeps } from '../../src/relying-party/index.ts'
import { metadataFault } from '../../src/relying-party/metadata-xml.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'
import { quietLog } from '../support/log.ts'
import {
  acs,
  endpoint,
  inDays,
  keyDescriptor,
  other,
  signed,
  sp,
  written,
  type MetadataContent,
} from './sp-metadata.ts'

const url = 'https://sp.example/metadata.xml'
const until = (days: number, content: MetadataContent = {}) =>
  signed({ attributes: `validUntil="${inDays(days)}"`, ...content })

interface Web {
  answer: string | undefined
  asked: number
  /** Carried out while the answer is on its way. */
  meanwhile?: () => Promise<unknown>
}

/** A registry with one party whose metadata came from an address, and what sweeps it. */
async function scene(t: Test) {
  const { db, url: databaseUrl } = await testDatabase(t)
  const clock = testClock()
  const web: Web = { answer: until(10), asked: 0 }
  const fetchMetadata = async () => {
    web.asked++
    await web.meanwhile?.()
    return web.answer === undefined ? metadataFault('unreachable', 'Nobody is there.') : Buffer.from(web.answer)
  }
  const registry = makeRelyingParties({ db, clock, random: systemRandom, allowHttp: false, fetchMetadata })
  const log = quietLog(t)
  const metrics = makeMetrics({ deployment: 'test' })
  const sweepOn = (on: typeof db): Sweep => {
    const sweeps = relyingPartySweeps({
      db: on,
      clock,
      once: onceIn(on),
      log,
      metrics,
      allowHttp: false,
      fetchMetadata,
    })
    return sweeps.find(({ name }) => name === 'refresh-metadata')!
  }
  const { relyingParty: first } = written(await registry.register({ id: 'sepe', saml: { metadataUrl: url } }))
  web.asked = 0
  const certificates = async () =>
    (await registry.find('sepe'))?.saml?.certificates.map(({ fingerprint }) => fingerprint)
  const counted = async (outcome: string) =>
    Number(new RegExp(`outcome="${outcome}".*} (\\d+)`).exec(await metrics.text())?.[1] ?? 0)
  return { db, databaseUrl, clock, web, registry, log, sweepOn, run: sweepOn(db).run, first, certificates, counted }
}

const rolled: MetadataContent = { keys: keyDescriptor(sp, 'signing') + keyDescriptor(other, 'signing') }

t.test('metadata are read again when they are due, and not before', async (t) => {
  const { clock, web, run, certificates, counted } = await scene(t)
  web.answer = until(11, rolled)
  await run()
  t.equal(web.asked, 0)
  clock.advance(86_399)
  await run()
  t.equal(web.asked, 0)
  clock.advance(1)
  await run()
  t.equal(web.asked, 1)
  t.same(await certificates(), [sp.certificate.fingerprint, other.certificate.fingerprint])
  t.equal(await counted('renewed'), 1)
  await run()
  t.equal(web.asked, 1, 'the next time is a day later')
  clock.advance(86_400)
  await run()
  t.equal(web.asked, 2)
})

t.test('whatever goes wrong, the last good ones hold, and it is tried again an hour later', async (t) => {
  const { clock, web, registry, run, first, log, counted } = await scene(t)
  const wrong: Readonly<Record<string, string | undefined>> = {
    unreachable: undefined,
    'not-xml': 'x'.repeat(10),
    'too-large': until(20) + ' '.repeat(600_000),
    'not-signed': until(20).replace(/<ds:Signature [^]*<\/ds:Signature>/, ''),
    signature: until(20).replace('Organismo', 'Organismos'),
    'wrong-signer': signed({ attributes: `validUntil="${inDays(20)}"` }, other),
    'another-entity': until(20, { entityId: 'urn:other' }),
    older: until(9),
    expired: until(-1),
    address: until(20, { acs: endpoint('AssertionConsumerService', 'HTTP-POST', 'javascript:alert(1)') }),
    certificate: until(20, { keys: '' }),
  }
  clock.advance(86_400)
  for (const [code, answer] of Object.entries(wrong)) {
    web.answer = answer
    await run()
    t.same(await registry.find('sepe'), first, code)
    const [line] = log.lines.slice(-1).map((text) => JSON.parse(text) as unknown)
    t.match(line, { level: 'warn', relyingParty: 'sepe', outcome: code })
    await run()
    clock.advance(3_600)
  }
  t.equal(web.asked, Object.keys(wrong).length, 'once an hour')
  t.equal(await counted('failed'), Object.keys(wrong).length)
  web.answer = until(20)
  await run()
  t.equal(await counted('renewed'), 1)
})

t.test('metadata without a validUntil cannot follow those that had one', async (t) => {
  const { clock, web, run, registry, first } = await scene(t)
  clock.advance(86_400)
  web.answer = signed()
  await run()
  t.same(await registry.find('sepe'), first)
})

t.test('of several workers one reads', async (t) => {
  const { clock, web, databaseUrl, sweepOn, db } = await scene(t)
  const otherDb = openDb({ url: databaseUrl })
  t.teardown(() => otherDb.close())
  web.answer = until(11)
  clock.advance(86_400)
  await Promise.all([db, otherDb, db, otherDb, db, otherDb].map((on) => sweepOn(on).run()))
  t.equal(web.asked, 1)
})

t.test('what a person changed while they were fetched is not written over', async (t) => {
  const { clock, web, registry, run, certificates, counted } = await scene(t)
  clock.advance(86_400)
  web.answer = until(11)
  const byHand = { entityId: 'https://sp.example/metadata', certificates: [other.certificate.pem], acs: [acs] }
  web.meanwhile = () => registry.change('sepe', { saml: byHand })
  await run()
  t.same(await certificates(), [other.certificate.fingerprint])
  t.equal(await counted('renewed'), 0)
  clock.advance(10 * 86_400)
  await run()
  t.equal(web.asked, 1, 'by hand, they are read from nowhere')
})

t.test('a change of something else neither puts the next reading off nor is lost by it', async (t) => {
  const { clock, web, registry, run } = await scene(t)
  clock.advance(86_000)
  written(await registry.change('sepe', { level: 'high' }))
  clock.advance(400)
  web.answer = until(11, rolled)
  web.meanwhile = () => registry.change('sepe', { name: 'SEPE' })
  await run()
  t.match(await registry.find('sepe'), { leastLevel: 'high', name: 'SEPE', saml: { certificates: [{}, {}] } })
})
