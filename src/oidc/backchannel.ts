import type { Provider } from 'oidc-provider'
import type { Session } from '../login/index.ts'
import type { OidcParts } from './parts.ts'
import { sessionIdFor } from './pairwise.ts'

/**
 * Tells the clients of a session that it ended (OpenID Connect Back-Channel Logout 1.0), all at once and once each; one
 * that does not answer is noted for the operator and holds nobody up for longer than the library waits (2.5 s). Answers the
 * ids of those that heard it.
 */
export async function tellClients(
  parts: OidcParts,
  provider: Provider,
  { citizen, reached }: Session,
  except: string | undefined,
): Promise<readonly string[]> {
  const others = Object.entries(reached).filter(([id]) => id !== except)
  const heard = await Promise.all(
    others.map(async ([id, called]) => ((await tellClient(parts, provider, id, citizen, called)) ? [id] : [])),
  )
  return heard.flat()
}

async function tellClient(
  parts: OidcParts,
  provider: Provider,
  id: string,
  citizen: string,
  called: string,
): Promise<boolean> {
  try {
    const client = await provider.Client.find(id)
    if (client?.backchannelLogoutUri === undefined) return false
    await client.backchannelLogout(citizen, sessionIdFor(parts.pairwise, called, id))
    return true
  } catch (err) {
    parts.log.warn({ err, relyingParty: id }, 'back-channel logout failed')
    return false
  }
}
