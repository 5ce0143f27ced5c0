import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import t from 'tap'
import { systemClock, systemRandom } from '../../src/platform/index.ts'
import { makeAgencies } from '../../src/sandbox/agencies/server.ts'
import { freePort } from '../../src/sandbox/embedded-postgres/postmaster.ts'

const { privateKey, publicKey } = await generateKeyPair('ES256')
const foreign = await generateKeyPair('ES256')
const server = createServer((request, answer) => {
  answer.setHeader('content-type', 'application/json')
  const keys = async () => ({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] })
  if (request.url === '/jwks') void keys().then((body) => answer.end(JSON.stringify(body)))
  else answer.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks`, token_endpoint: `${issuer}/token` }))
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
t.teardown(() => server.close())

const agencies = await makeAgencies({
  ...{ port: await freePort(0), issuer, clock: systemClock, random: systemRandom },
  register: async () => 'secret',
})
await agencies.listen()
t.teardown(() => agencies.close())

const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
let tokens = 0
const claims = (more: object = {}) => ({ iss: issuer, aud: 'aeat', jti: `t${++tokens}`, sub: 'x', events, ...more })
const sign = (payload: object, { key = privateKey, iat = Math.floor(Date.now() / 1000) } = {}) =>
  new SignJWT({ iat, exp: iat + 120, ...payload }).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(key)

async function tell(token: string) {
  const body = new URLSearchParams({ logout_token: token })
  const answer = await fetch(`${agencies.url}/aeat/backchannel-logout`, { method: 'POST', body })
  return answer.status
}

t.test('a logout token is believed as OpenID Connect Back-Channel Logout 1.0, 2.6 says', async (t) => {
  const token = await sign(claims())
  t.equal(await tell(token), 200)
  t.equal(await tell(token), 400, 'once')
  t.equal(await tell(await sign(claims({ sub: undefined, sid: 's' }))), 200, 'by its session alone')
  const wrong: readonly (readonly [string, Promise<string>])[] = [
    ['of another issuer', sign(claims({ iss: 'https://elsewhere.example' }))],
    ['for another client', sign(claims({ aud: 'dgt' }))],
    ['with a nonce', sign(claims({ nonce: 'n' }))],
    ['without an event', sign(claims({ events: {} }))],
    ['of nobody', sign(claims({ sub: undefined }))],
    ['without jti', sign(claims({ jti: undefined }))],
    ['of another key', sign(claims(), { key: foreign.privateKey })],
    ['old', sign(claims(), { iat: Math.floor(Date.now() / 1000) - 600 })],
    ['no token', Promise.resolve('nothing')],
  ]
  for (const [what, made] of wrong) t.equal(await tell(await made), 400, what)
})

t.test('an agency that hears nothing has no such address', async (t) => {
  const answer = await fetch(`${agencies.url}/interior/backchannel-logout`, { method: 'POST' })
  t.equal(answer.status, 404)
})
