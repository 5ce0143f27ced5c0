import t from 'tap'
import { readConfig, type Environment } from '../../src/platform/index.ts'

const environment: Environment = {
  BASE_URL: 'https://clave.example',
  DATABASE_URL: 'postgres://clave@db:5432/clave',
  MASTER_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
  PAIRWISE_SECRET: 'x'.repeat(32),
  SMPP_URL: 'smpp://user@sms:2775',
}
const configOf = (more: Environment) => readConfig('worker', { environment: { ...environment, ...more } })

t.test('push needs no setting: the push services of the four browsers, and BASE_URL as the contact', async (t) => {
  const { pushHosts, pushContact } = configOf({})
  t.same(pushHosts, ['fcm.googleapis.com', '*.push.services.mozilla.com', 'web.push.apple.com', '*.notify.windows.com'])
  t.equal(pushContact, undefined)
})

t.test('hosts and contact are read strictly', async (t) => {
  t.same(configOf({ PUSH_HOSTS: 'push.example, *.push.example' }).pushHosts, ['push.example', '*.push.example'])
  t.same(configOf({ PUSH_HOSTS: '*' }).pushHosts, ['*'])
  for (const wrong of ['https://push.example', 'push.example/', '*.', '*.*.example', 'a,,b.example', 'PUSH.example'])
    t.throws(() => configOf({ PUSH_HOSTS: wrong }), { message: /^PUSH_HOSTS: wrong/ }, wrong)
  for (const contact of ['mailto:operations@clave.example', 'https://clave.example/contact'])
    t.equal(configOf({ PUSH_CONTACT: contact }).pushContact, contact)
  for (const wrong of ['operations@clave.example', 'mailto:operations', 'http://clave.example', 'tel:+34600000001'])
    t.throws(() => configOf({ PUSH_CONTACT: wrong }), { message: /^PUSH_CONTACT: wrong/ }, wrong)
})
