import * as client from 'openid-client'
import type { TestSandbox } from '../support/sandbox.ts'
import { visitor, type Arrived, type Visitor } from './visitor.ts'

/** An agency's application that a test registered for itself, speaking through a public library. */
export interface Party {
  readonly id: string
  readonly callback: string
  /** Sends a visitor off to identify, and lets nothing but redirects lead it. */
  send(wishes?: Readonly<Record<string, string>>, by?: Visitor): Promise<Sent>
  /** The same, when it came back with a code: the verified claims and what UserInfo says. */
  identify(wishes?: Readonly<Record<string, string>>, by?: Visitor): Promise<Identified>
}

export interface Sent {
  readonly arrived: Arrived
  readonly verifier: string
}

export interface Identified {
  readonly claims: Readonly<Record<string, unknown>>
  readonly person: Readonly<Record<string, unknown>>
}

export interface Registered {
  readonly id: string
  readonly client_id: string
  readonly client_secret?: string
}

/** Nobody listens there: visitors are stopped before. */
const callback = 'http://127.0.0.1:9/callback'

export async function registerParty(sandbox: TestSandbox, registration: object = {}): Promise<Party> {
  const { status, body } = await sandbox.api<Registered>('relying-parties', {
    oidc: { redirect_uris: [callback] },
    ...registration,
  })
  if (status !== 201) throw new Error(`not registered: ${JSON.stringify(body)}`)
  const authenticate = client.ClientSecretBasic(body.client_secret)
  const options = { execute: [client.allowInsecureRequests] }
  const config = await client.discovery(new URL(sandbox.url), body.client_id, {}, authenticate, options)
  const send: Party['send'] = async (wishes = {}, by = visitor()) => {
    const verifier = client.randomPKCECodeVerifier()
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: callback,
      scope: 'openid profile document registration',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...wishes,
    })
    return { arrived: await by.open(url.href, callback), verifier }
  }
  return {
    id: body.id,
    callback,
    send,
    async identify(wishes, by) {
      const { arrived, verifier } = await send(wishes, by)
      const checks = { pkceCodeVerifier: verifier, idTokenExpected: true }
      const tokens = await client.authorizationCodeGrant(config, arrived.at, checks)
      const claims = tokens.claims()!
      return { claims, person: await client.fetchUserInfo(config, tokens.access_token, claims.sub) }
    },
  }
}
