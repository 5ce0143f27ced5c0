import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { answerCall, type Call } from '../../src/authentication/movil/answer-call.ts'
import { endPhone } from '../../src/authentication/movil/end-phone.ts'
import { onceIn } from '../../src/platform/index.ts'
import { signWith } from '../support/phone.ts'
import { activePhone, caller, carmen, movilScene, newPhone, other, refusedWith, right } from './movil-scene.ts'

const get = { method: 'GET', path: '/app/api/pending' }
const post = { method: 'POST', path: '/app/api/requests/x', body: '{"a":1}' }

t.test(
  'a call is signed over method, address, body and time by an active phone; one that changes is heard once',
  async (t) => {
    const s = await movilScene(t)
    const phone = await activePhone(s)
    const parts = { ...s.parts, once: onceIn(s.db) }
    const answer = (call: Partial<Call> & { readonly word: string }) =>
      answerCall(parts, { ...get, body: '', ...call }, caller)
    t.match(right(await answer({ word: phone.call(get) })), {
      device: { id: phone.device, citizen: carmen.id },
      ...caller,
    })
    const word = phone.call(post)
    const answers = await Promise.all(Array.from({ length: 20 }, () => answer({ ...post, word })))
    t.equal(answers.filter((one) => refusedWith(one) === undefined).length, 1)
    const seen = phone.call(get)
    right(await answer({ word: seen }))
    right(await answer({ word: seen }))
    const iat = Math.floor(s.clock.wire().getTime() / 1000)
    const wrong: Readonly<Record<string, Partial<Call> & { readonly word: string }>> = {
      'another method': { ...post, method: 'DELETE', word: phone.call(post) },
      'another path': { ...post, path: '/app/api/requests/y', word: phone.call(post) },
      'another query': { path: `${get.path}?a=1`, word: phone.call(get) },
      'another body': { ...post, body: '{"a":2}', word: phone.call(post) },
      'for another service': { word: phone.call(get, { aud: 'https://other.example' }) },
      old: { word: phone.call(get, { iat: iat - 301 }) },
      'no name of its own': { ...post, word: phone.call(post, { jti: 'short' }) },
      'more claims': { word: phone.call(get, { more: 1 }) },
      'fewer claims': { word: phone.call(get, { jti: undefined }) },
    }
    for (const [what, call] of Object.entries(wrong)) {
      t.equal(refusedWith(await answer(call)), 'MOVIL-10-device-unknown', what)
    }
    await s.db.transaction((tx) => endPhone(tx, s.parts, carmen.id, { why: 'by-citizen' }))
    t.equal(refusedWith(await answer({ word: phone.call(get) })), 'MOVIL-10-device-unknown', 'an ended phone')
  },
)

t.test('algorithms and keys are not confused (RFC 8725, 2.1 and 3)', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const theirs = await activePhone(s, other)
  const parts = { ...s.parts, once: onceIn(s.db) }
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = createPublicKey({ key: phone.key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const hmac = (input: string) => createHmac('sha512', pem).update(input).digest()
  const named = newPhone()
  named.device = phone.device
  const claims = JSON.stringify(JSON.parse(Buffer.from(phone.call(get).split('.')[1]!, 'base64url').toString()))
  const iat = /"iat":\d+/.exec(claims)![0]
  const header = (more: Readonly<Record<string, unknown>>) => ({ header: more })
  const forged: Readonly<Record<string, string>> = {
    none: `${phone
      .call(get, {}, header({ alg: 'none' }))
      .split('.')
      .slice(0, 2)
      .join('.')}.`,
    'none, with a signature': phone.call(get, {}, header({ alg: 'none' })),
    'HS256 under the public key': phone.call(get, {}, { header: { alg: 'HS256' }, signer: hmac }),
    ES384: phone.call(get, {}, { header: { alg: 'ES384' }, signer: signWith(p384.privateKey) }),
    'ES256K, by name': phone.call(get, {}, header({ alg: 'ES256K' })),
    'an embedded key': named.call(get, {}, header({ jwk: named.key })),
    'a key by address': named.call(get, {}, header({ jku: 'https://evil.example/jwks' })),
    'a stranger who says to be this phone': named.call(get),
    "another phone's key": theirs.call(get, {}, header({ kid: phone.device })),
    "this phone's key in another's name": phone.call(get, {}, header({ kid: theirs.device })),
    crit: phone.call(get, {}, header({ crit: ['exp'], exp: 1 })),
    'b64 false': phone.call(get, {}, header({ b64: false, crit: ['b64'] })),
    'a content type': phone.call(get, {}, header({ cty: 'JWT' })),
    'no type': phone.call(get, {}, header({ typ: undefined })),
    'the type of a decision': phone.call(get, {}, header({ typ: 'clave-movil-decision+jwt' })),
    'the type in capitals': phone.call(get, {}, header({ typ: 'CLAVE-MOVIL-CALL+JWT' })),
    'no name': phone.call(get, {}, header({ kid: undefined })),
    'a member twice': phone.call(get, {}, { claimsText: claims.replace(iat, `${iat},${iat}`) }),
    'a header member twice': phone.call(
      get,
      {},
      {
        headerText: `{"alg":"none","alg":"ES256","typ":"clave-movil-call+jwt","kid":"${phone.device}"}`,
      },
    ),
    spaces: phone.call(get, {}, { claimsText: claims.replace(',', ', ') }),
    'needless escapes': phone.call(get, {}, { claimsText: claims.replace('GET', '\\u0047ET') }),
    'a byte order mark': phone.call(get, {}, { claimsText: `\ufeff${claims}` }),
    'a list': phone.call(get, {}, { claimsText: `[${claims}]` }),
    'no JSON': phone.call(get, {}, { claimsText: 'hello' }),
    'another claim named __proto__': phone.call(get, {}, { claimsText: claims.replace('{', '{"__proto__":{},') }),
    'a stranger': newPhone().call(get),
    'signed by nobody we know': phone.call(get, {}, { signer: signWith(attacker.privateKey) }),
    'a signature of zeros': phone.call(get, {}, { signer: () => Buffer.alloc(64) }),
    'a signature cut off': phone.call(get).slice(0, -4),
    'a signature with padding': `${phone.call(get)}==`,
    'a line end': `${phone.call(get)}\n`,
    empty: '',
    'too long': phone.call({ method: 'GET', path: `/${'x'.repeat(5_000)}` }),
  }
  for (const [what, word] of Object.entries(forged)) {
    const answer = await answerCall(parts, { ...get, body: '', word }, caller)
    t.equal(refusedWith(answer), 'MOVIL-10-device-unknown', what)
  }
  right(await answerCall(parts, { ...get, body: '', word: phone.call(get) }, caller))
})
