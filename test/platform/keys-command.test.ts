import { execFileSync } from 'node:child_process'
import path from 'node:path'
import t from 'tap'
import { openEnvelope, openSigningKeys, systemClock, systemRandom } from '../../src/platform/index.ts'
import { testDatabase } from '../support/database.ts'

const main = path.join(import.meta.dirname, '../../src/main.ts')

t.test('clave keys: lists every key, rotates the one of SAML, and names its certificate by our address', async (t) => {
  const { db, url } = await testDatabase(t)
  const master = systemRandom.bytes(32)
  const env = {
    ...process.env,
    DATABASE_URL: url,
    MASTER_KEYS: `k1:${master.toString('base64')}`,
    BASE_URL: 'https://clave.example',
  }
  const clave = (...words: string[]) =>
    execFileSync(process.execPath, [main, 'keys', ...words], { env, stdio: 'pipe' })
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))
  const listed = clave('list')
  t.same(
    listed.map(([alg, state]) => `${alg} ${state}`),
    ['ES256', 'RS256', 'RS512'].flatMap((alg) => [`${alg} current`, `${alg} next`]),
  )
  t.match(listed[4]?.[3], /^certificate until \d{4}-\d\d-\d\d$/)
  const rotated = clave('rotate', 'RS512').filter(([alg]) => alg === 'RS512')
  t.same(
    rotated.map(([, state]) => state),
    ['current', 'previous', 'next'],
  )
  t.equal(rotated[0]?.[2], listed[5]?.[2], 'what was next signs')
  const keys = await openSigningKeys({ db, envelope: openEnvelope([{ id: 'k1', key: master }]), clock: systemClock })
  const certificate = Buffer.from(keys.ring().saml[0]?.certificate ?? '', 'base64')
  t.ok(certificate.includes('clave.example'))
  t.throws(() => clave('rotate', 'RS384'))
})
