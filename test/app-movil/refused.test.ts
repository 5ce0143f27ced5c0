import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { endPhone } from '../../src/authentication/movil/end-phone.ts'
import { openRound, tokenOf } from '../../src/authentication/movil/round.ts'
import { endpoints } from '../../src/app-movil/endpoints.ts'
import { typedContrast } from '../../src/sandbox/catalogue.ts'
import { makePushDevice } from '../../src/sandbox/push-reading.ts'
import type { ShownToPhone } from '../../src/sandbox/phone/words.ts'
import { statement } from '../../src/platform/index.ts'
import { basic, carmen, other } from '../authentication/movil-scene.ts'
import { citizen, loginWith, notThis, substantial } from '../authentication/scene.ts'
import { signWith } from '../support/phone.ts'
import { apiScene, confirmation, phoneOf, type ApiScene } from './api-scene.ts'

const unknown = { status: 401, type: 'application/problem+json', refused: 'MOVIL-10-device-unknown' }
const renounce = statement('test.renounce', `update citizen set blocked_methods = array['movil'] where id = $1`)

const scanBody = async (s: ApiScene) => ({ token: tokenOf(s.parts, await openRound(s.parts, loginWith())) })

t.test('every signed call asks for a word of an active phone, before anything else is looked at', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  for (const { method, path } of endpoints.filter(({ signed }) => signed)) {
    const body = method === 'GET' ? {} : { payload: '{}', headers: { 'content-type': 'application/json' } }
    const bare = await s.app.inject({ method, url: `/app/api${path}`, ...body })
    t.equal(bare.statusCode, 401, `${method} ${path}`)
    t.equal(bare.headers['www-authenticate'], 'Clave-Movil')
    t.match(bare.json(), { type: 'urn:clave:refusal:MOVIL-10-device-unknown' })
    t.match(await s.call(phone, method, path, undefined, { word: 'x.y.z' }), unknown)
  }
  for (const authorization of ['', 'Bearer x', `Clave-Movil ${phone.call(here)} x`, phone.call(here)])
    t.equal((await s.app.inject({ method: 'GET', url: here.path, headers: { authorization } })).statusCode, 401)
})
const here = { method: 'GET', path: '/app/api/phone' } as const

t.test('a word counts for one call only, from one phone, now', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  const theirs = await phoneOf(s, other)
  const body = await scanBody(s)
  const path = '/app/api/request/scan'
  const about = { method: 'POST', path, body: JSON.stringify(body) }
  const iat = Math.floor(s.parts.clock.wire().getTime() / 1000)
  const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const wrong: Record<string, string> = {
    'signed by another key': phone.call(about, {}, { signer: signWith(attacker) }),
    "another phone's key in this one's name": theirs.call(about, {}, { header: { kid: phone.device } }),
    stale: phone.call(about, { iat: iat - 310 }),
    'of tomorrow': phone.call(about, { iat: iat + 310 }),
    'another body': phone.call({ ...about, body: JSON.stringify({ token: 'x' }) }),
    'the same body, written otherwise': phone.call({ ...about, body: JSON.stringify(body, null, 1) }),
    'no body': phone.call({ method: 'POST', path }),
    'another path': phone.call({ ...about, path: '/app/api/request/decide' }),
    'a query': phone.call({ ...about, path: `${path}?a=1` }),
    'another method': phone.call({ ...about, method: 'PUT' }),
    'another service': phone.call(about, { aud: 'https://other.example' }),
    'another kind of word': phone.word('clave-movil-decision+jwt', {}),
  }
  for (const [what, word] of Object.entries(wrong))
    t.match(await s.call(phone, 'POST', '/request/scan', body, { word }), unknown, what)
  const word = phone.call(about)
  t.equal((await s.call(phone, 'POST', '/request/scan', body, { word })).status, 200)
  t.match(await s.call(phone, 'POST', '/request/scan', body, { word }), unknown, 'replayed')
  await s.db.transaction((tx) => endPhone(tx, s.parts, carmen.id, { why: 'by-citizen' }))
  t.match(await s.call(phone, 'POST', '/request/scan', body), unknown, 'an ended phone')
})

t.test('wrong words are held the longer the more there were from their address; right ones are not', async (t) => {
  const s = await apiScene(t, { limits: { addressFailures: 2 } })
  const phone = await phoneOf(s)
  for (let nth = 0; nth < 4; nth += 1) await s.call(phone, 'GET', '/phone', undefined, { word: 'x.y.z' })
  t.same(s.waits, [100])
  await s.call(phone, 'GET', '/phone')
  t.same(s.waits, [100])
})

t.test('JSON of at most 16 KiB, of the shape that is described, and nothing else', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  const url = '/app/api/activation'
  const send = async (payload: string, type: string | undefined = 'application/json') => {
    const headers = type === undefined ? {} : { 'content-type': type }
    const answer = await s.app.inject({ method: 'POST', url, payload, headers })
    t.match(answer.headers['content-type'], /^application\/problem\+json/)
    return answer.statusCode
  }
  const right = { document: carmen.document, contrast: '01/01/2001' }
  t.equal(await send(JSON.stringify(right), 'text/plain'), 415)
  t.equal(await send(JSON.stringify(right), 'application/x-www-form-urlencoded'), 415)
  t.equal(await send(JSON.stringify(right), 'application/jsonp'), 415)
  t.equal(await send(JSON.stringify({ ...right, contrast: 'x'.repeat(17_000) })), 413)
  for (const broken of ['{', '', 'null', '[]', '{"__proto__": {}, "document": "x", "contrast": "y"}'])
    t.equal(await send(broken), 400, broken)
  const cases: readonly (readonly [body: object, field: string])[] = [
    [{ contrast: 'x' }, 'document'],
    [{ ...right, more: 1 }, 'more'],
    [{ ...right, document: 1 }, 'document'],
    [{ ...right, document: 'x'.repeat(101) }, 'document'],
  ]
  for (const [body, field] of cases)
    t.match(await s.open('POST', '/activation', body), { status: 400, body: { field } })
  const keys = { p256dh: 'x', auth: 'y' }
  const signed: readonly (readonly [method: 'POST' | 'PUT', path: string, body: object])[] = [
    ['POST', '/request/scan', { token: 'x', more: 1 }],
    ['POST', '/request/decide', { request: 'x' }],
    ['POST', '/pin', { word: 'x' }],
    ['PUT', '/phone/unlock', { credential: {} }],
    ['PUT', '/subscription', { endpoint: 'https://push.example/', keys: { ...keys, more: 1 } }],
    ['PUT', '/subscription', { endpoint: 'https://push.example/' }],
  ]
  for (const [method, path, body] of signed) t.match(await s.call(phone, method, path, body), { status: 400 }, path)
  t.equal(s.sent.length, 2, 'nothing was sent but for the phone that is active')
})

t.test('a document or a contrast that cannot be one is named, in the language of the phone', async (t) => {
  const s = await apiScene(t)
  const ask = (document: string, contrast: string) => s.open('POST', '/activation', { document, contrast })
  t.match(await ask('99999999A', '30/06/2031'), { status: 422, body: { field: 'document', detail: /letra/ } })
  t.match(await ask(carmen.document, '31/02/2031'), { status: 422, body: { field: 'contrast' } })
  const english = await s.app.inject({
    ...{ method: 'POST', url: '/app/api/activation', headers: { 'accept-language': 'en' } },
    payload: { document: '99999999A', contrast: '30/06/2031' },
  })
  t.match(english.json(), { field: 'document', detail: /letter/ })
})

t.test('an activation says why not, once the contrast was right', async (t) => {
  const s = await apiScene(t)
  const ask = async (document: string) =>
    (await s.open('POST', '/activation', { document, contrast: typedContrast(citizen(document)) })).refused
  t.equal(await ask('99999995C'), 'CITIZEN-03-not-registered')
  t.equal(await ask('99999990S'), 'CITIZEN-04-renounced')
  t.equal(await ask('99999992V'), 'CITIZEN-05-deceased')
  t.equal(await ask('99999993H'), 'CITIZEN-06-minor')
  await s.db.rows(renounce, [other.id])
  t.equal(await ask(other.document), 'CITIZEN-07-method-blocked')
  t.equal(s.sent.length, 0)
})

t.test('codes are counted: wrong ones kill the activation, and so many may be asked in an hour', async (t) => {
  const s = await apiScene(t, { limits: { codesPerHour: 2 } })
  const phone = s.newPhone()
  const typed = { document: carmen.document, contrast: typedContrast(carmen) }
  const activation = String((await s.open('POST', '/activation', typed)).body['activation'])
  const right = confirmation(s, phone, activation)
  const confirm = (over: object) => s.open('POST', '/activation/confirm', { ...right, ...over })
  t.match(await confirm({ code: 'abc' }), { status: 422, refused: 'CODE-01-wrong' })
  t.match(await confirm({ key: s.newPhone().key }), { status: 422, refused: 'MOVIL-02-not-genuine' })
  t.match(await confirm({ proof: phone.proof('another') }), { refused: 'MOVIL-02-not-genuine' })
  t.match(await confirm({ activation: 'x'.repeat(43) }), { refused: 'CODE-02-dead' })
  const off = { ...phone.key, y: phone.key.x }
  t.match(await confirm({ key: off }), { refused: 'MOVIL-02-not-genuine' }, 'no point of the curve')
  for (const extra of [{ ...phone.key, d: 'x' }, { ...phone.key, crv: 'P-384' }, 'x'])
    t.equal((await confirm({ key: extra })).status, 400)
  for (let nth = 1; nth <= 2; nth += 1)
    t.match(await confirm({ code: notThis(right.code, nth) }), { refused: 'CODE-01-wrong' })
  t.match(await confirm({ code: notThis(right.code, 3) }), { refused: 'CODE-02-dead' })
  t.match(await confirm({}), { refused: 'CODE-02-dead' })
  t.equal((await s.open('POST', '/activation/code', { activation })).status, 200)
  t.match(await s.open('POST', '/activation/code', { activation }), { status: 429, refused: 'CODE-03-too-many' })
  t.match(await s.open('POST', '/activation/code', { activation: 'x'.repeat(43) }), { refused: 'CODE-02-dead' })
})

t.test('a request is refused as its acts refuse it', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  const theirs = await phoneOf(s, other)
  const bare = await phoneOf(s, basic, false)
  const decide = (by: typeof phone, request: string, jws: string, assertion?: object) =>
    s.call(by, 'POST', '/request/decide', { request, jws, ...(assertion && { assertion }) })
  t.match(await s.call(phone, 'POST', '/request/scan', { token: 'x' }), { status: 410, refused: 'MOVIL-06-qr-old' })
  const body = await scanBody(s)
  const shown = (await s.call(phone, 'POST', '/request/scan', body)).body as unknown as ShownToPhone
  t.match(await s.call(theirs, 'POST', '/request/scan', body), { status: 409, refused: 'MOVIL-07-taken' })
  const jws = phone.decide(shown, 'approve')
  t.match(await decide(theirs, shown.id, theirs.decide(shown, 'approve')), { status: 410, refused: 'MOVIL-01-gone' })
  t.match(await decide(phone, shown.id, phone.decide(shown, 'approve', { rp: 'dgt' })), {
    refused: 'MOVIL-02-not-genuine',
  })
  const wrongCode = phone.decide(shown, 'approve', { code: notThis(shown.code ?? '') })
  t.match(await decide(phone, shown.id, wrongCode), { status: 422, refused: 'MOVIL-03-wrong-code' })
  const other2 = phone.prove(phone.decide(shown, 'deny'))
  t.match(await decide(phone, shown.id, jws, other2), { refused: 'MOVIL-02-not-genuine' })
  t.equal((await decide(phone, shown.id, jws, phone.prove(jws))).status, 200)
  t.match(await decide(phone, shown.id, jws, phone.prove(jws)), { refused: 'MOVIL-01-gone' }, 'decided')
  const token = tokenOf(s.parts, await openRound(s.parts, loginWith(substantial)))
  t.match(await s.call(bare, 'POST', '/request/scan', { token }), { status: 403, refused: 'LEVEL-02-method-too-low' })
  const high = tokenOf(s.parts, await openRound(s.parts, loginWith(substantial)))
  const asked = (await s.call(phone, 'POST', '/request/scan', { token: high })).body as unknown as ShownToPhone
  t.match(await decide(phone, asked.id, phone.decide(asked, 'approve')), {
    status: 403,
    refused: 'MOVIL-04-unlock-needed',
  })
})

t.test('the unlock is enrolled once, soon, and by this phone', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s, carmen, false)
  const put = (credential: object) => s.call(phone, 'PUT', '/phone/unlock', { credential })
  const options = async () => (await s.call(phone, 'POST', '/phone/unlock')).body
  t.match(await put(phone.unlock.create({ challenge: 'x' })), { refused: 'MOVIL-01-gone' }, 'not asked')
  t.match(await put(phone.unlock.create(await options(), { flags: 1 })), { refused: 'MOVIL-02-not-genuine' })
  const made = phone.unlock.create(await options())
  t.equal((await put(made)).status, 204)
  t.match(await put(made), { status: 410, refused: 'MOVIL-01-gone' })
  t.match(await s.call(phone, 'POST', '/phone/unlock'), { status: 410, refused: 'MOVIL-01-gone' })
})

t.test('pushes go to push services only: never to this service, this network, or anybody else', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  const { p256dh, auth } = makePushDevice(s.parts.random)
  const put = (endpoint: string, keys: object = { p256dh, auth }) =>
    s.call(phone, 'PUT', '/subscription', { endpoint, keys })
  for (const endpoint of [
    'https://10.0.0.1/send',
    'https://127.0.0.1/send',
    'https://[::1]/send',
    'https://169.254.169.254/latest/meta-data',
    'https://localhost/send',
    'https://clave.example/app/api/activation',
    'https://evil.example/send',
    'https://push.example.evil.example/send',
    'https://push.example@evil.example/send',
    'https://user:pass@push.example/send',
    'https://push.example:8443/send',
    'http://push.example/send',
    'ftp://push.example/send',
    'no address',
  ])
    t.match(
      await put(endpoint),
      { status: 422, type: 'application/problem+json', body: { field: 'endpoint' } },
      endpoint,
    )
  const fine = 'https://push.example/send'
  t.match(await put(fine, { p256dh: auth, auth }), { status: 422, body: { field: 'keys.p256dh' } })
  t.match(await put(fine, { p256dh, auth: p256dh.slice(0, 30) }), { status: 422, body: { field: 'keys.auth' } })
  const rows = await s.db.rows(statement('test.subscriptions', 'select from device_subscription'))
  t.equal(rows.length, 0)
})

t.test('what is not there is a problem too, and no door opens by another method', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  for (const method of ['HEAD', 'PUT', 'OPTIONS'] as const)
    t.equal((await s.app.inject({ method, url: '/app/api/events' })).statusCode, 404, method)
  for (const path of ['/activation', '/none', '/request/'])
    t.match(await s.call(phone, 'GET', path), { status: 404, type: 'application/problem+json' }, path)
})
