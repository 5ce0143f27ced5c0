import { createHash } from 'node:crypto'
import { Browser } from './browser.ts'
import type { Connection } from './connection.ts'

const verifier = 'bench-code-verifier-bench-code-verifier-bench-code-verifier'
const challenge = createHash('sha256').update(verifier).digest('base64url')
const redirectUri = 'https://agency.example/callback'
const authorize = `/auth?${new URLSearchParams({
  client_id: 'bench',
  response_type: 'code',
  redirect_uri: redirectUri,
  scope: 'openid',
  state: 'bench-state',
  code_challenge: challenge,
  code_challenge_method: 'S256',
}).toString()}`
const basic = `Basic ${Buffer.from('bench:bench-secret-of-the-bare-provider').toString('base64')}`

/** One login at the bare provider: five requests. */
export async function bareLogin(connection: Connection, origin: string): Promise<void> {
  const browser = new Browser(connection, origin)
  const toInteraction = await browser.get(authorize)
  const interaction = toInteraction.headers.get('location')!
  await browser.get(interaction)
  const toResume = await browser.submit(interaction, {})
  const toAgency = await browser.get(toResume.headers.get('location')!)
  const code = new URL(toAgency.headers.get('location')!).searchParams.get('code')
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code: code ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier,
  })
  const tokens = await connection.request(
    'POST',
    '/token',
    { authorization: basic, 'content-type': 'application/x-www-form-urlencoded' },
    form.toString(),
  )
  if (tokens.status !== 200 || !tokens.body.includes('id_token'))
    throw new Error(`bare login failed: ${tokens.status} ${tokens.body}`)
}
