import t from 'tap'
import { loadI18n, type Locale, type TextKey } from '../../src/platform/index.ts'
import { catalogue } from '../../src/sandbox/catalogue.ts'
import type { SentMessage } from '../../src/sandbox/parts.ts'
import { contrastOf, testSandbox } from '../support/sandbox.ts'
import { registerParty, type Party } from './party.ts'
import { visitor, type Visitor } from './visitor.ts'

const sandbox = await testSandbox(t)
const i18n = loadI18n({ strict: true })
const pin = (document: string, rp: string) => sandbox.api('next-login', { citizen: document, method: 'pin', rp })

interface Problem {
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly field?: string
}

t.test('GET citizens: the catalogue with every secret that a test needs', async (t) => {
  const { status, body } = await sandbox.api<Record<string, unknown>[]>('citizens')
  t.equal(status, 200)
  t.strictSame(
    body.map(({ document }) => document),
    catalogue.map(({ document }) => document),
  )
  t.match(body[0], {
    document: '99999999R',
    contrast: '2031-06-30',
    name: 'CARMEN PRUEBA FICTICIA',
    phone: '+34600000001',
    password: 'Clave-Sandbox-2026',
    registration_level: 'advanced',
  })
  t.match(
    body.find(({ document }) => document === '99999987N'),
    { phone: null, password: null, state: /phone lost/ },
  )
})

t.test('GET messages: newest last, by citizen, by channel, after one that is known', async (t) => {
  const party = await registerParty(sandbox)
  const by = visitor()
  for (const document of ['99999999R', 'X9999999J', '99999999R']) {
    await identifyByHand(by, party, document)
    await sandbox.codeFor(document)
  }
  const all = await sandbox.messages()
  t.equal(all.length, 3)
  t.match(all[0], { channel: 'sms', to: '+34600000001', code: /^\d{6}$/, at: /^\d{4}-\d\d-\d\dT/ })
  t.match(all[0]?.text, new RegExp(`${all[0]?.code}.*Test agency[\\s\\S]*\n@localhost #${all[0]?.code}$`))
  const found = async (query: string) => (await sandbox.api<SentMessage[]>(`messages?${query}`)).body
  const [first, second, third] = all
  t.strictSame(await found('document=99999999r'), [first, third])
  t.strictSame(await found(`after=${first?.id}`), [second, third])
  t.strictSame(await found(`after=${first?.id}&document=X9999999J&channel=sms`), [second])
  t.strictSame(await found('channel=letter'), [])
  t.strictSame(await found('document=12345678Z'), [], 'nobody has this document')
  for (const unknown of [crypto.randomUUID(), 'nope', ''])
    t.strictSame(await found(`after=${unknown}`), all, 'an id that is unknown: whatever is kept is newer')
  for (const [query, field] of [
    ['document=zz', 'document'],
    ['document=99999999A', 'document'],
  ])
    t.match(await sandbox.api<Problem>(`messages?${query}`), { status: 422, body: { field, detail: /\w/ } })
  t.match(await sandbox.api<Problem>('messages?channel=pigeon'), { status: 400, type: /^application\/problem\+json/ })
})

/** What a citizen without a browser would send: the forms up to the SMS. */
async function identifyByHand(by: Visitor, party: Party, document: string): Promise<void> {
  const { arrived } = await party.send({ prompt: 'login' }, by)
  const identify = await by.open(arrived.at.href.replace(/choose$/, 'pin'))
  await by.submit(identify, { document, contrast: contrastOf(document) })
}

t.test('GET messages: what the page says was sent is there at once', async (t) => {
  await sandbox.reset()
  const party = await registerParty(sandbox)
  for (const document of ['99999999R', 'X9999999J', '99999998T']) {
    await identifyByHand(visitor(), party, document)
    const { body } = await sandbox.api<SentMessage[]>(`messages?document=${document}&channel=sms`)
    t.match(
      body.map(({ code }) => code),
      [/^\d{6}$/],
      document,
    )
  }
})

t.test('POST clock: our own deadlines move forward, what goes on the wire keeps real time', async (t) => {
  const before = (await sandbox.api<{ now: string; real: string }>('clock')).body
  const moved = await sandbox.api<{ now: string; real: string }>('clock', { advance: 'PT10M' })
  t.equal(moved.status, 200)
  const ahead = (one: { now: string; real: string }) => Math.round((Date.parse(one.now) - Date.parse(one.real)) / 1000)
  t.equal(ahead(moved.body) - ahead(before), 600)
  const party = await registerParty(sandbox)
  await pin('99999999R', party.id)
  const { claims } = await party.identify()
  const behind = Date.parse(moved.body.real) / 1000 - Number(claims['iat'])
  t.ok(Math.abs(behind) < 60, 'the ID token tells real time')
  for (const advance of ['PT-10M', '-PT10M', '10 minutes', 'P1M', 'PT', '', 'P99999D']) {
    const refused = await sandbox.api<Problem>('clock', { advance })
    t.equal(refused.status, 422, advance)
    t.match(refused, { type: /^application\/problem\+json/, body: { title: String, detail: String, field: 'advance' } })
  }
  const number = await sandbox.api<Problem>('clock', { advance: 600 })
  t.match(number, { status: 422, body: { field: 'advance', detail: /A text: .*"PT10M"/ } })
  t.match(await sandbox.api<Problem>('clock', {}), { status: 400, body: { field: 'advance' } })
})

t.test('POST reset: back to the catalogue, clock included', async (t) => {
  const registry = async () => (await sandbox.api<{ id: string; level: string }[]>('relying-parties')).body
  await sandbox.reset()
  const fresh = await registry()
  const [aeat, by] = [`${sandbox.agenciesUrl}/aeat`, visitor()]
  await sandbox.api('next-login', { citizen: '99999999R', method: 'pin', rp: 'aeat' })
  await by.open(`${aeat}/login`)
  t.match(await by.json(`${aeat}/session`), { authenticated: true })

  const party = await registerParty(sandbox)
  await sandbox.api(`relying-parties/aeat`, { level: 'high' }, 'PUT')
  await identifyByHand(by, party, 'X9999999J')
  await sandbox.codeFor('X9999999J')
  await sandbox.advance('P30D')
  await pin('99999999R', 'dgt')
  t.equal((await sandbox.api('reset', {})).status, 204)

  t.strictSame(await registry(), fresh, 'the demo agencies are as they were, others are gone')
  t.strictSame(await sandbox.messages(), [])
  t.ok(Math.abs(sandbox.clock.now().getTime() - sandbox.clock.wire().getTime()) < 1_000)
  t.match(await by.json(`${aeat}/session`), { authenticated: false })
  t.match((await by.open(`${aeat}/login`)).at.pathname, /^\/login\/aeat\..*\/choose$/, 'sessions are over')
  const { at } = await visitor().open(`${sandbox.agenciesUrl}/dgt/login`)
  t.match(at.pathname, /\/choose$/, 'nothing is pending')
})

t.test('POST reset: what was on its way does not arrive afterwards', async (t) => {
  for (let nth = 0; nth < 5; nth++) {
    // Reminders are laid; to ask for the messages is to send them, here while the reset runs.
    await sandbox.advance('P30D')
    await Promise.all([sandbox.messages(), sandbox.api('reset', {})])
    t.strictSame(await sandbox.messages(), [])
  }
})

t.test('POST reset: several at once, one after another', async (t) => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => sandbox.api('reset', {})))
  t.strictSame(
    answers.map(({ status }) => status),
    [204, 204, 204, 204, 204],
  )
})

t.test('POST next-login: an unknown citizen or method is one beside an outcome too', async (t) => {
  const wish = (body: object) =>
    sandbox.api<{ field?: string }>('next-login', { outcome: 'LOGIN-01-cancelled', ...body })
  t.match(await wish({ citizen: '00000000T' }), { status: 422, body: { field: 'citizen' } })
  t.match(await wish({ citizen: '99999999R', method: 'nope' }), { status: 422, body: { field: 'method' } })
  t.match(await wish({ citizen: '99999999R', method: 'pin' }), { status: 200 })
  await sandbox.reset()
})

t.test('what is not there, and what is no JSON, is told as problem+json', async (t) => {
  for (const path of ['nothing', 'reset']) {
    const answer = await sandbox.api(path)
    t.match(answer, { status: 404, type: /^application\/problem\+json/, body: { title: String, detail: String } })
  }
  const answer = await fetch(`${sandbox.url}/sandbox/api/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{',
  })
  t.equal(answer.status, 400)
  t.match(answer.headers.get('content-type'), /^application\/problem\+json/)
  t.match(await answer.json(), { title: String, detail: String })
})

t.test('it speaks English unless Spanish is asked for, also where the framework or the rules speak', async (t) => {
  const json = { 'content-type': 'application/json' }
  const send = async (path: string, body: string | undefined, headers: Record<string, string> = json) => {
    const sent = body === undefined ? { headers } : { method: 'POST', headers, body }
    const answer = await fetch(`${sandbox.url}/sandbox/api/${path}`, sent)
    t.match(answer.headers.get('content-type'), /^application\/problem\+json/, path)
    return (await answer.json()) as Problem
  }
  const qr = JSON.stringify({ document: '99999999R', decision: 'approve', qr: 'https://elsewhere.example' })
  const title = (locale: Locale, key: TextKey) => i18n.translator(locale)(key)
  for (const [status, text, path, body, headers = json] of [
    [400, 'platform:error.badRequest.title', 'clock', '{'],
    [400, 'platform:error.badRequest.title', 'clock', '[]'],
    [400, 'platform:error.badRequest.title', 'messages?channel=fax', undefined],
    [410, 'refusal:MOVIL-06-qr-old.title', 'movil/approve', qr],
    [415, 'platform:error.unsupported.title', 'clock', '{}', { 'content-type': 'text/plain' }],
  ] as const) {
    t.match(await send(path, body, headers), { status, title: title('en', text) }, path)
    const inSpanish = { ...headers, 'accept-language': 'es-ES,es;q=0.9,en;q=0.8' }
    t.match(await send(path, body, inSpanish), { status, title: title('es', text) }, path)
    t.match(await send(path, body, { ...headers, 'accept-language': 'ca,eu' }), { title: title('en', text) }, path)
  }
})

t.test('a page of another site cannot call it: 403, and nothing is done', async (t) => {
  const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' }
  const before = sandbox.clock.now().getTime() - sandbox.clock.wire().getTime()
  const answer = await fetch(`${sandbox.url}/sandbox/api/clock`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ advance: 'P1D' }),
  })
  t.equal(answer.status, 403)
  t.match(await answer.json(), { title: 'Cross-site request' })
  const after = sandbox.clock.now().getTime() - sandbox.clock.wire().getTime()
  t.ok(Math.abs(after - before) < 3_600_000, 'the clock was not moved')
})
