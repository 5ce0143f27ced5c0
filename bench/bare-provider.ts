import { createServer } from 'node:http'
import { verify } from '@node-rs/argon2'
import { exportJWK, generateKeyPair } from 'jose'
import Provider from 'oidc-provider'

/**
 * The peer of the login benches: oidc-provider as it comes, in-memory adapter, one step of its development pages that
 * logs anybody in. Its login takes five requests: authorize → interaction → submit → resume → token.
 * Prints `ready <port>` when it listens. With an argon2 hash and its password as arguments it verifies that before it logs
 * anybody in, as whoever takes passwords has to.
 */
const [, , hashed, password = ''] = process.argv
const signing = await generateKeyPair('ES256', { extractable: true })
const redirectUri = 'https://agency.example/callback'
const provider = new Provider('http://127.0.0.1', {
  clients: [
    {
      client_id: 'bench',
      client_secret: 'bench-secret-of-the-bare-provider',
      redirect_uris: [redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [{ ...(await exportJWK(signing.privateKey)), use: 'sig', alg: 'ES256', kid: 'bench' }] },
  cookies: { keys: ['bench-cookie-key'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId!,
    })
    grant.addOIDCScope('openid')
    await grant.save()
    return grant
  },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
})
provider.on('server_error', (_ctx, error) => console.error(error))
const handle = provider.callback()
const server = createServer((request, response) => {
  if (!request.url!.startsWith('/interaction/')) return void handle(request, response)
  const logIn = async () => {
    if (hashed !== undefined && !(await verify(hashed, password))) throw new Error('the password is wrong')
    await provider.interactionFinished(request, response, { login: { accountId: 'citizen' } })
  }
  const act =
    request.method === 'POST'
      ? logIn()
      : provider.interactionDetails(request, response).then(({ uid }) => {
          response.setHeader('content-type', 'text/html')
          response.end(`<form method="post" action="/interaction/${uid}"><button>Log in</button></form>`)
        })
  request.resume()
  act.catch((error: unknown) => {
    console.error(error)
    response.writeHead(500).end()
  })
})
server.listen(0, '127.0.0.1', () => console.log(`ready ${(server.address() as { port: number }).port}`))
