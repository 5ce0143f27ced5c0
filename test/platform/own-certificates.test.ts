import { X509Certificate } from 'node:crypto'
import t from 'tap'
import {
  makeMetrics,
  onceIn,
  openDb,
  openEnvelope,
  openSigningKeys,
  signingKeySweeps,
  systemRandom,
  type SamlKey,
} from '../../src/platform/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'
import { quietLog } from '../support/log.ts'

const day = 24 * 60 * 60
const envelope = openEnvelope([{ id: 'k1', key: systemRandom.bytes(32) }])
const fingerprint = (key: SamlKey) =>
  new X509Certificate(Buffer.from(key.certificate, 'base64')).fingerprint256.replaceAll(':', '').toLowerCase()

t.test(
  'the end of our own SAML certificates is told of 60, 30 and 7 days before, once on whatever instance',
  async (t) => {
    const { db, url } = await testDatabase(t)
    const { advance, now, ...hands } = testClock()
    const clock = { ...hands, now, wire: now }
    const keys = await openSigningKeys({ db, envelope, clock, algs: ['ES256', 'RS512'] })
    const [first] = keys.ring().saml
    // What waits from now on ends a hundred days later than what signs.
    advance(100 * day)
    await keys.rotate('RS512')
    const [signing, , next] = keys.ring().saml as [SamlKey, SamlKey, SamlKey]
    const other = openDb({ url })
    t.teardown(() => other.close())
    const log = quietLog(t)
    const metrics = makeMetrics({ deployment: 'test' })
    const sweep = (on = db) => signingKeySweeps({ db: on, clock, once: onceIn(on), log, metrics })[0]!.run()
    const said = () =>
      log.lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .map(({ level, certificate, state, days }) => ({ level, certificate, state, days }))
    const gauge = async (state: string) =>
      Number(new RegExp(`clave_saml_key_days\\{state="${state}".*\\} (\\S+)`).exec(await metrics.text())?.[1])
    const daysOf = ({ notAfter }: SamlKey) => (notAfter.getTime() - clock.wire().getTime()) / 1000 / day
    const to = (left: number, of = signing) => advance((daysOf(of) - left) * day)

    to(61)
    await sweep()
    t.same(said(), [], 'not yet')
    t.equal(Math.round(await gauge('current')), 61)
    t.equal(Math.round(await gauge('next')), Math.round(daysOf(next)))
    const line = (days: number) => ({ level: 'warn', certificate: fingerprint(signing), state: 'current', days })
    for (const left of [59.5, 29.5, 6.5]) {
      to(left)
      await Promise.all([db, other, db, other].map(sweep))
      to(left - 0.1)
      await sweep()
    }
    t.same(said(), [line(60), line(30), line(7)], 'each day once, by whichever of the instances')
    t.not(first?.kid, signing.kid, 'and of a previous key, which ended long before, nothing')

    await keys.rotate('RS512')
    to(55.5, next)
    await sweep(other)
    t.match(said().slice(3), [{ level: 'warn', certificate: fingerprint(next), state: 'current', days: 56 }])
  },
)
