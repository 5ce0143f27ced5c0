import type { Who } from '../login/index.ts'
import type { SamlRelyingParty } from '../relying-party/index.ts'
import type { GivenName } from './answers.ts'
import type { SamlParts } from './parts.ts'

const keyOf = (session: string, relyingParty: string): string => `saml:reached:${session}:${relyingParty}`

/** Seconds: longer than a session lasts, however often it is proven anew. */
const kept = 24 * 60 * 60

/** Remembers by which name an agency of the standard face knows the citizen of a session: a logout calls them by it. */
export async function noteReached(
  { store, clock }: SamlParts,
  who: Who,
  party: SamlRelyingParty,
  given: GivenName,
): Promise<void> {
  if (party.saml.face === 'clave') return
  await store.set(keyOf(who.session, party.id), given, clock.in(kept))
}

/** Of any number of askers one gets the name, and says goodbye with it. */
export const takeReached = (
  { store }: SamlParts,
  session: string,
  relyingParty: string,
): Promise<GivenName | undefined> => store.take<GivenName>(keyOf(session, relyingParty))
