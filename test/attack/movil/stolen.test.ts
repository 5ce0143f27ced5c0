import t from 'tap'
import { typedContrast } from '../../../src/sandbox/catalogue.ts'
import { baseUrl, carmen } from '../../authentication/movil-scene.ts'
import { outcomeIn } from '../../authentication/movil-service.ts'
import { codeOf } from '../../authentication/scene.ts'
import { makePhone } from '../../support/phone.ts'
import { attackScene, confirmationOf, typing, type AttackScene } from './scene.ts'

const begin = (s: AttackScene, who = carmen) =>
  s.open('POST', '/activation', { document: who.document, contrast: typedContrast(who) })

t.test(
  'activation race on two phones: with one code one, with a code each the later, and the former is none',
  async (t) => {
    const s = await attackScene(t)
    const activation = String((await begin(s)).body['activation'])
    const phones = Array.from({ length: 20 }, () => makePhone(baseUrl, s.parts.clock.wire))
    const one = await Promise.all(
      phones.map((phone) => s.open('POST', '/activation/confirm', confirmationOf(s, phone, activation))),
    )
    t.equal(one.filter(({ status }) => status === 201).length, 1)

    const two = []
    for (const phone of phones.slice(0, 2)) {
      const begun = String((await begin(s)).body['activation'])
      two.push({ phone, confirmation: confirmationOf(s, phone, begun) })
    }
    await Promise.all(
      two.map(async ({ phone, confirmation }) => {
        phone.device = String((await s.open('POST', '/activation/confirm', confirmation)).body['device'])
      }),
    )
    const answers = await Promise.all(two.map(({ phone }) => s.call(phone, 'GET', '/phone')))
    t.same(answers.map(({ status }) => status).toSorted(), [200, 401])
  },
)

t.test(
  'an activation is worth nothing without its code, in another’s hands, or with a key that is not there',
  async (t) => {
    const s = await attackScene(t)
    const thief = makePhone(baseUrl, s.parts.clock.wire)
    const mine = String((await begin(s)).body['activation'])
    const code = codeOf(s.sent.at(-1))
    const theirs = String((await begin(s)).body['activation'])
    const confirm = (over: object) =>
      s.open('POST', '/activation/confirm', { ...confirmationOf(s, thief, theirs), code, ...over })
    t.match(await confirm({}), { refused: 'CODE-01-wrong' }, "another activation's code")
    const owner = makePhone(baseUrl, s.parts.clock.wire)
    t.match(await confirm({ key: owner.key }), { refused: 'MOVIL-02-not-genuine' }, "another's key")
    t.match(await confirm({ activation: mine }), { refused: 'MOVIL-02-not-genuine' }, 'a proof for another activation')
    const { x, y, kty, crv } = thief.key
    for (const key of [
      { kty, crv, x, y: x },
      { kty: 'oct', k: 'AAAA' },
      { kty, crv: 'P-384', x, y },
      { kty, crv, x, y, d: x },
    ])
      t.ok((await confirm({ key })).status >= 400, JSON.stringify(Object.keys(key)))
  },
)

t.test('stolen cookies without the key: the app’s interface takes none as proof', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const { browser, login, page } = await s.atQr()
  await s.decide(phone, await s.scan(phone, page))
  t.match(outcomeIn(await browser.submit(`${login}/movil`)), { method: 'movil' })
  t.ok(browser.cookies.get('clave-session'), 'the browser has a session')
  const how = { browser }
  for (const [method, path] of [
    ['GET', '/phone'],
    ['GET', '/request'],
    ['GET', '/events'],
    ['POST', '/phone/unlock'],
  ] as const)
    t.match(await s.open(method, path, method === 'POST' ? {} : undefined, how), { status: 401 }, path)
  const copied = phone.call({ method: 'GET', path: '/app/api/request' })
  t.match(await s.open('GET', '/phone', undefined, { ...how, word: copied }), { status: 401 }, 'nor a copied word')
})

t.test('the browser’s cookie alone finishes nothing that no phone approved', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const { browser, login } = await s.byDocument()
  const stolen = s.newBrowser()
  for (const [name, value] of browser.cookies) stolen.cookies.set(name, value)
  const said = await stolen.submit(`${login}/movil/request`)
  t.equal(said.at, `${login}/movil/request`)
  t.equal(stolen.cookies.has('clave-session'), false)
  t.match(await s.call(phone, 'GET', '/request'), { status: 200 })
})

t.test('an ended phone approves nothing, and what it approved is not taken any more', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const { browser, login, page } = await s.atQr()
  const shown = await s.scan(phone, page)
  t.match(await s.decide(phone, shown), { status: 200 })
  t.match(await s.call(phone, 'DELETE', '/phone'), { status: 204 })
  t.notOk((await browser.submit(`${login}/movil`)).cookies.includes('clave-session'))
  t.match(await s.decide(phone, shown), { status: 401 })
})

t.test('the PIN shown is for the login of the citizen’s own that asked last, and for no other browser', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const iat = () => Math.floor(s.parts.clock.wire().getTime() / 1000)
  const mine = await s.begin()
  const typed = { document: carmen.document, contrast: typedContrast(carmen) }
  await mine.browser.submit(`${mine.login}/choose`, { method: 'movil' })
  await mine.browser.submit(`${mine.login}/choose`, { method: 'pin' })
  await mine.browser.submit(`${mine.login}/pin`, typed)
  const ask = () => {
    const word = phone.word('clave-movil-pin+jwt', { aud: baseUrl, jti: s.parts.random.token(16), iat: iat() })
    return s.call(phone, 'POST', '/pin', { word, assertion: phone.prove(word) })
  }
  const shown = await ask()
  t.match(shown, { status: 200, body: { agency: 'Agencia Tributaria' } })
  const thief = await s.begin()
  await thief.browser.submit(`${thief.login}/choose`, { method: 'movil' })
  await thief.browser.submit(`${thief.login}/choose`, { method: 'pin' })
  await thief.browser.submit(`${thief.login}/pin`, typed)
  const tried = await thief.browser.submit(`${thief.login}/pin/code`, { code: String(shown.body['pin']) })
  t.equal(tried.status, 422, 'a PIN read out is worth nothing in another browser')
  t.notOk(thief.browser.cookies.has('clave-session'))
  t.match(outcomeIn(await mine.browser.submit(`${mine.login}/pin/code`, { code: String(shown.body['pin']) })), {
    method: 'pin',
  })
})

t.test('a document path approval without the code of that very login is none', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const thiefs = await s.byDocument()
  const mine = await s.atQr()
  const pending = await s.call(phone, 'GET', '/request')
  t.equal(pending.body['code'], undefined, 'the phone is not told the code')
  t.match(await s.decide(phone, pending, 'approve', typing(mine.page)), { refused: 'MOVIL-03-wrong-code' })
  t.match(await s.decide(phone, pending, 'approve', { claims: { code: '' } }), { refused: 'MOVIL-03-wrong-code' })
  t.notOk((await thiefs.browser.submit(`${thiefs.login}/movil/request`)).cookies.includes('clave-session'))
})
