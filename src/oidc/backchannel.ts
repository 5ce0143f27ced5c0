import type { Provider } from 'oidc-provider'
import type { Session } from '../login/index.ts'
import type { OidcParts } from './parts.ts'
import { sessionIdFor } from './pairwise.ts'

/**
 * Tells the clients of a session that it ended (OpenID Connect Back-Channel Logout 1.0), all at once and once each; one
 * that does not answer is noted for the operator and holds nobody up for longer than the library waits (2.5 s).
 */
export async function tellClients(
  parts: OidcParts,
  provider: Provider,
  { citizen, reached }: Session,
  except: string | undefined,
): Promise<void> {
  const told = Object.entries(reached).filter(([id]) => id !== except)
  await Promise.all(told.map(([id, called]) => tellClient(parts, provider, id, citizen, called)))
}

async function tellClient(
  parts: OidcParts,
  provider: Provider,
  id: string,
  citizen: string,
  called: string,
): Promise<void> {
  try {
    const client = await provider.Client.find(id)
    if (client?.backchannelLogoutUri === undefined) return
    await client.backchannelLogout(citizen, sessionIdFor(parts.pairwiseSecret, called, id))
  } catch (err) {
    parts.log.warn({ err, relyingParty: id }, 'back-channel logout failed')
  }
}
