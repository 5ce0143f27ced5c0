import { createHmac, createPublicKey, hash } from 'node:crypto'
import t from 'tap'
import { baseUrl, other } from '../../authentication/movil-scene.ts'
import type { Forged, TestPhone } from '../../support/phone.ts'
import { attackScene, shownIn, type AttackScene } from './scene.ts'

const unknown = { status: 401, refused: 'MOVIL-10-device-unknown' }
const forgedWord = { status: 422, refused: 'MOVIL-02-not-genuine' }

/** HMAC with the public key as its secret, in each of the forms in which it is known (RFC 8725, 2.1). */
const publicForms = ({ key }: TestPhone) => {
  const object = createPublicKey({ key, format: 'jwk' })
  return {
    PEM: object.export({ type: 'spki', format: 'pem' }),
    DER: object.export({ type: 'spki', format: 'der' }),
    JWK: JSON.stringify(key),
    x: Buffer.from(key.x, 'base64url'),
  }
}
const hmac = (secret: string | Buffer) => (input: string) => createHmac('sha256', secret).update(input).digest()

/** What is done to a word's header, text or signature. */
function forgeries(phone: TestPhone, thief: TestPhone, typ: string): Record<string, Forged> {
  const header = { alg: 'ES256', typ, kid: phone.device }
  const text = JSON.stringify(header)
  const empty = () => Buffer.alloc(0)
  const hs256 = Object.entries(publicForms(phone)).map(([form, secret]): [string, Forged] => [
    `HS256 with the public key as ${form}`,
    { header: { alg: 'HS256' }, signer: hmac(secret) },
  ])
  return {
    'alg none': { header: { alg: 'none' }, signer: empty },
    'alg None': { header: { alg: 'None' }, signer: empty },
    'alg none with a signature': { header: { alg: 'none' } },
    'no signature': { signer: empty },
    'a signature of zeros': { signer: () => Buffer.alloc(64) },
    ...Object.fromEntries(hs256),
    'alg ES384': { header: { alg: 'ES384' } },
    'no alg': { headerText: JSON.stringify({ typ, kid: phone.device }) },
    'kid of another phone': { header: { kid: thief.device } },
    'kid of a file': { header: { kid: '../../dev/null' } },
    'kid as SQL': { header: { kid: "' or '1'='1" } },
    'kid as a list': { header: { kid: [phone.device] } },
    jwk: { header: { jwk: phone.key } },
    "jwk of the thief's": { header: { jwk: thief.key } },
    jku: { header: { jku: 'https://evil.example/keys' } },
    x5u: { header: { x5u: 'https://evil.example/cert' } },
    x5c: { header: { x5c: ['MIIB'] } },
    crit: { header: { crit: ['b64'], b64: false } },
    'another kind': { header: { typ: 'JWT' } },
    'no kind': { headerText: JSON.stringify({ alg: 'ES256', kid: phone.device }) },
    'a member twice': { headerText: text.replace('{', '{"alg":"none",') },
    'kid twice': { headerText: text.replace('}', `,"kid":"${phone.device}"}`) },
    whitespace: { headerText: text.replace(',', ', ') },
    'a line at its end': { headerText: `${text}\n` },
    escapes: { headerText: text.replace('ES256', '\\u0045S256') },
    prototype: { headerText: text.replace('}', ',"__proto__":{"alg":"none"}}') },
    'a list': { headerText: `[${text}]` },
  }
}

async function scene(t: Parameters<typeof attackScene>[0]) {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const thief = await s.phoneOf(other)
  return { s, phone, thief }
}

t.test('algorithm and key confusion: no call is heard but the phone’s own', async (t) => {
  const { s, phone, thief } = await scene(t)
  for (const [what, forged] of Object.entries(forgeries(phone, thief, 'clave-movil-call+jwt')))
    t.match(await s.call(phone, 'GET', '/phone', undefined, { forged }), unknown, what)
  t.match(await s.call(phone, 'GET', '/phone'), { status: 200 })
})

t.test('algorithm and key confusion: no decision counts but the phone’s own', async (t) => {
  const { s, phone, thief } = await scene(t)
  const shown = await s.scan(phone, (await s.atQr()).page)
  for (const [what, decisionForged] of Object.entries(forgeries(phone, thief, 'clave-movil-decision+jwt')))
    t.match(await s.decide(phone, shown, 'approve', { decisionForged }), forgedWord, what)
  t.match(await s.decide(phone, shown), { status: 200 })
})

t.test('claims are read in one way: none twice, none more, no spaces, no escapes, no other encoding', async (t) => {
  const { s, phone } = await scene(t)
  const shown = await s.scan(phone, (await s.atQr()).page)
  const of = shownIn(shown)
  const iat = Math.floor(s.parts.clock.wire().getTime() / 1000)
  const claims = { aud: baseUrl, request: of.id, rp: 'aeat', code: of.code, level: of.level, nonce: of.nonce }
  const text = JSON.stringify({ ...claims, decision: 'approve', iat })
  const texts: Record<string, string> = {
    'decision twice': text.replace('}', ',"decision":"approve"}'),
    'agency twice, the first another': text.replace('{', '{"rp":"dgt",'),
    spaces: text.replaceAll(',', ', '),
    'a line before': `\n${text}`,
    'an escape': text.replace('approve', '\\u0061pprove'),
    'a number in another form': text.replace(String(iat), `${iat}.0`),
    'a mark before': `\u{FEFF}${text}`,
    'one more': text.replace('}', ',"sub":"x"}'),
    'one less': JSON.stringify({ ...claims, decision: 'approve' }),
    prototype: text.replace('}', ',"__proto__":{}}'),
    'a list': `[${text}]`,
    nothing: '',
  }
  for (const [what, claimsText] of Object.entries(texts))
    t.match(await s.decide(phone, shown, 'approve', { decisionForged: { claimsText } }), forgedWord, what)
  t.match(await s.decide(phone, shown, 'approve', { decisionForged: { claimsText: text } }), { status: 200 })
})

/** One word of each kind that this phone signs, for this very moment. */
async function words(s: AttackScene, phone: TestPhone, shown: ReturnType<typeof shownIn>) {
  const iat = Math.floor(s.parts.clock.wire().getTime() / 1000)
  const jti = () => s.parts.random.token(16)
  return {
    'a call': phone.call({ method: 'GET', path: '/app/api/phone' }),
    'an activation': phone.proof('a'.repeat(43)),
    'a PIN': phone.word('clave-movil-pin+jwt', { aud: baseUrl, jti: jti(), iat }),
    'a decision': phone.decide(shown, 'approve'),
  }
}

t.test('cross-signed words: what was signed for one thing counts for no other', async (t) => {
  const { s, phone } = await scene(t)
  const shown = await s.scan(phone, (await s.atQr()).page)
  const all = await words(s, phone, shownIn(shown))
  for (const [what, word] of Object.entries(all)) {
    const isCall = what === 'a call'
    t.match(
      await s.call(phone, 'GET', '/phone', undefined, { word }),
      isCall ? { status: 200 } : unknown,
      `${what} as call`,
    )
    if (what !== 'a decision')
      t.match(await s.decide(phone, shown, 'approve', { jws: word }), forgedWord, `${what} as decision`)
    if (what === 'a PIN') continue
    const pin = { word, assertion: phone.prove(word) }
    t.match(await s.call(phone, 'POST', '/pin', pin), forgedWord, `${what} as PIN`)
  }
  const under = (typ: string) => phone.word(typ, { aud: baseUrl, activation: 'a'.repeat(43), iat: 1 })
  for (const typ of ['clave-movil-call+jwt', 'clave-movil-decision+jwt'])
    t.match(
      await s.call(phone, 'GET', '/phone', undefined, { word: under(typ) }),
      unknown,
      'the claims of another kind',
    )
})

t.test(
  'replayed words: a call that changes something is heard once, on any server, and never for another call',
  async (t) => {
    const { s, phone } = await scene(t)
    const path = '/app/api/subscription'
    const word = phone.call({ method: 'DELETE', path })
    t.match(await s.call(phone, 'DELETE', '/subscription', undefined, { word }), { status: 204 })
    t.match(await s.call(phone, 'DELETE', '/subscription', undefined, { word }), unknown, 'twice')
    const fresh = () => phone.call({ method: 'DELETE', path })
    t.match(await s.call(phone, 'DELETE', '/phone', undefined, { word: fresh() }), unknown, 'another address')
    t.match(await s.call(phone, 'DELETE', '/subscription?x=1', undefined, { word: fresh() }), unknown, 'another query')
    t.match(await s.call(phone, 'PUT', '/subscription', { endpoint: '' }, { word: fresh() }), unknown, 'another method')
    const body = JSON.stringify({ token: 'x' })
    const signed = phone.call({ method: 'POST', path: '/app/api/request/scan', body })
    t.match(await s.call(phone, 'POST', '/request/scan', { token: 'y' }, { word: signed }), unknown, 'another body')
    const at20 = phone.call({ method: 'DELETE', path })
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => s.call(phone, 'DELETE', '/subscription', undefined, { word: at20 })),
    )
    t.equal(answers.filter(({ status }) => status === 204).length, 1, 'of 20 at once one')
    const again = hash('sha256', '', 'base64url')
    for (const over of [{ jti: '' }, { jti: 'short' }, { jti: 7 }, { bh: again.slice(1) }, { aud: [baseUrl] }])
      t.match(await s.call(phone, 'DELETE', '/subscription', undefined, { over }), unknown, JSON.stringify(over))
  },
)
