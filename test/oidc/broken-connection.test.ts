import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { Provider, type Context } from 'oidc-provider'
import t from 'tap'
import { oidcAgency } from '../support/oidc-agency.ts'
import { until } from '../support/until.ts'
import { identityProvider, issuer } from './identity-provider.ts'

// An error that nobody catches would end this process, as it would the server's.

t.test('whoever asks much, reads nothing and resets the connection harms nobody', async (t) => {
  const idp = await identityProvider(t)
  await idp.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = idp.app.server.address() as AddressInfo
  const answers: ServerResponse[] = []
  const connected = once(idp.app.server, 'connection') as Promise<[Socket]>
  idp.app.server.prependListener('request', (_request, response) => answers.push(response))
  const client = connect(port, '127.0.0.1')
  client.on('error', () => {}).pause()
  client.write('GET /oidc/jwks HTTP/1.1\r\nHost: clave.test\r\n\r\n'.repeat(4_000))
  const [socket] = await connected
  const gone = new Promise((resolve) => socket.once('close', resolve))
  await until(() => answers.some(({ writableEnded, writableFinished }) => writableEnded && !writableFinished))
  client.resetAndDestroy()
  await gone
  t.equal((await idp.browser().get(`${issuer}/oidc/jwks`)).status, 200)
})

t.test(
  'what Koa hears of a connection after the answer was computed is not looked up in the emptied context',
  async (t) => {
    const idp = await identityProvider(t)
    const agency = await oidcAgency(idp, issuer)
    const { url } = await agency.begin()
    const contexts = t.capture(Provider.prototype, 'createContext', Provider.prototype.createContext)
    t.equal((await idp.browser().get(url)).status, 303)
    for (const made of contexts()) {
      const { returned } = made as unknown as { readonly returned: Context & { onerror(error: Error | null): void } }
      returned.onerror(new Error('read ECONNRESET'))
      returned.onerror(null)
    }
  },
)
