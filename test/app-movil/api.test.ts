import { hash } from 'node:crypto'
import t from 'tap'
import { askPhone } from '../../src/authentication/movil/ask-by-document.ts'
import { findDevice } from '../../src/authentication/movil/device-table.ts'
import { openRound, tokenOf } from '../../src/authentication/movil/round.ts'
import { findSubscription } from '../../src/authentication/movil/subscription-table.ts'
import { answers } from '../../src/app-movil/schemas.ts'
import type { Login } from '../../src/authentication/index.ts'
import { endpointDigest } from '../../src/messaging/index.ts'
import { typedContrast } from '../../src/sandbox/catalogue.ts'
import { makePushDevice } from '../../src/sandbox/push-reading.ts'
import { carmen } from '../authentication/movil-scene.ts'
import { loginWith, substantial } from '../authentication/scene.ts'
import type { ShownToPhone } from '../../src/sandbox/phone/words.ts'
import { apiScene, confirmation, phoneOf, unfit, type ApiScene } from './api-scene.ts'

const tokenFor = async (s: ApiScene, login: Login) => tokenOf(s.parts, await openRound(s.parts, login))

t.test('document and contrast, a code by SMS, the key: the phone is active, and knows whose it is', async (t) => {
  const s = await apiScene(t)
  const phone = s.newPhone()
  const typed = { document: '99999999r', contrast: '30/06/2031' }
  const begun = await s.open('POST', '/activation', typed)
  t.match(begun, { status: 201, type: 'application/json' })
  t.equal(unfit(answers.begun, begun.body), undefined)
  t.equal(begun.body['phone'], carmen.phone?.slice(-3))
  const activation = String(begun.body['activation'])
  const again = await s.open('POST', '/activation/code', { activation })
  t.match(again, { status: 200, body: { activation, phone: begun.body['phone'] } })
  t.equal(s.sent.length, 2)
  const confirmed = await s.open('POST', '/activation/confirm', confirmation(s, phone, activation))
  t.match(confirmed, { status: 201, body: { former: false } })
  t.equal(unfit(answers.activated, confirmed.body), undefined)
  phone.device = String(confirmed.body['device'])
  const { status, body } = await s.call(phone, 'GET', '/phone')
  t.equal(status, 200)
  t.equal(unfit(answers.phone, body), undefined)
  t.match(body, {
    ...{ device: phone.device, name: 'Android, Chrome', unlock: false, mustScan: false },
    person: { name: 'Carmen Prueba Ficticia', document: '···999R', phone: carmen.phone?.slice(-3), level: 'advanced' },
  })
  t.notMatch(JSON.stringify(body), /99999999R|carmen@/)
})

t.test('the phone adds its own unlock, and says so from then on', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s, carmen, false)
  const options = await s.call(phone, 'POST', '/phone/unlock')
  t.match(options, {
    status: 200,
    body: { attestation: 'none', authenticatorSelection: { userVerification: 'required' } },
  })
  t.equal(unfit(answers.unlock, options.body), undefined)
  const credential = phone.unlock.create(options.body)
  t.equal((await s.call(phone, 'PUT', '/phone/unlock', { credential })).status, 204)
  t.match((await s.call(phone, 'GET', '/phone')).body, { unlock: true })
})

t.test('a QR is scanned, shown, waits, and is approved with the unlock', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  t.equal((await s.call(phone, 'GET', '/request')).status, 204)
  const scanned = await s.call(phone, 'POST', '/request/scan', { token: await tokenFor(s, loginWith(substantial)) })
  t.match(scanned, { status: 200, body: { path: 'qr', agency: 'Agencia Tributaria', host: 'clave.example' } })
  t.equal(unfit(answers.request, scanned.body), undefined)
  t.same((await s.call(phone, 'GET', '/request')).body, scanned.body)
  const shown = scanned.body as unknown as ShownToPhone
  const jws = phone.decide(shown, 'approve')
  const said = { request: shown.id, jws, assertion: phone.prove(jws) }
  const decided = await s.call(phone, 'POST', '/request/decide', said)
  t.same(decided.body, { decision: 'approve' }, 'and the browser that waits goes on by itself')
  t.equal((await s.call(phone, 'GET', '/request')).status, 204)
})

t.test('on the phone that logs in, the decision leads back to the login', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  const cookie = 'the-browser-of-the-phone'
  for (const decision of ['approve', 'deny'] as const) {
    const login = loginWith({ browser: hash('sha256', cookie, 'base64url') })
    const headers = { cookie: `__Host-clave-browser=${cookie}` }
    const token = await tokenFor(s, login)
    const { body } = await s.call(phone, 'POST', '/request/scan', { token }, { headers })
    t.match(body, { path: 'same', place: { elsewhere: false } })
    const jws = phone.decide(body as unknown as ShownToPhone, decision)
    const decided = await s.call(phone, 'POST', '/request/decide', { request: body['id'], jws })
    t.same(decided.body, { decision, back: `/login/${login.id}` })
    t.equal(unfit(answers.decided, decided.body), undefined)
  }
})

t.test('by document the request waits without its code, which is typed', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  const asked = await askPhone(s.parts, loginWith(), await s.parts.citizens.find(carmen.id))
  const { body } = await s.call(phone, 'GET', '/request')
  t.match(body, { path: 'document', code: undefined })
  t.equal(unfit(answers.request, body), undefined)
  const typed = { ...(body as unknown as ShownToPhone), code: (asked as { code: string }).code }
  const jws = phone.decide(typed, 'deny')
  t.same((await s.call(phone, 'POST', '/request/decide', { request: typed.id, jws })).body, { decision: 'deny' })
})

t.test('pushes are subscribed to with the key of this service, and left', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  const { body: key } = await s.open('GET', '/push-key')
  t.equal(unfit(answers.pushKey, key), undefined)
  t.equal(Buffer.from(String(key['key']), 'base64url').length, 65)
  const { p256dh, auth } = makePushDevice(s.parts.random)
  const endpoint = 'https://push.example/send/abc'
  const subscription = { endpoint, expirationTime: null, keys: { p256dh, auth } }
  t.equal((await s.call(phone, 'PUT', '/subscription', subscription)).status, 204)
  t.same(await findSubscription(s.parts, carmen.id, 2), { endpoint, p256dh, auth })
  const [row] = await s.db.rows<{ endpoint: string }>({
    name: 'test.endpoint',
    text: 'select endpoint from device_subscription',
  })
  t.equal(row?.endpoint, endpointDigest(endpoint))
  for (const time of ['first', 'second']) t.equal((await s.call(phone, 'DELETE', '/subscription')).status, 204, time)
  t.equal(await findSubscription(s.parts, carmen.id, 2), undefined)
})

t.test('the phone is ended by its owner, and the citizen sees when', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  t.equal((await s.call(phone, 'DELETE', '/phone')).status, 204)
  t.equal(await findDevice(s.db, phone.device), undefined)
  t.match((await s.told(carmen.id)).at(-1), { kind: 'device-ended', data: { why: 'by-citizen', address: '127.0.0.1' } })
})

t.test('of two phones activated at once one stays, and only one', async (t) => {
  const s = await apiScene(t)
  const phones = await Promise.all(
    [1, 2].map(async () => {
      const phone = s.newPhone()
      const { body } = await s.open('POST', '/activation', {
        document: carmen.document,
        contrast: typedContrast(carmen),
      })
      return { phone, activation: String(body['activation']) }
    }),
  )
  // Each got its own code, in the order in which they asked; whose is whose shows by trying.
  const codes = s.sent.map(({ text }) => ('code' in text ? text.code : ''))
  const confirmed = await Promise.all(
    phones.map(async ({ phone, activation }) => {
      for (const code of codes) {
        const answer = await s.open('POST', '/activation/confirm', { ...confirmation(s, phone, activation), code })
        if (answer.status === 201) return { phone, body: answer.body }
      }
      throw new Error('neither code was right')
    }),
  )
  t.same(confirmed.map(({ body }) => body['former']).sort(), [false, true], 'the later ended the earlier')
  const alive = await Promise.all(
    confirmed.map(async ({ phone, body }) => {
      phone.device = String(body['device'])
      return (await s.call(phone, 'GET', '/phone')).status
    }),
  )
  t.same(alive.sort(), [200, 401])
})
