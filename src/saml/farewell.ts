import type { Session } from '../login/index.ts'
import type { SamlParts } from './parts.ts'
import { isId } from './paths.ts'

/**
 * A logout on its way: the browser goes from agency to agency (SAML 2.0 profiles, 4.4) and then back to whoever began it.
 * Our own session has ended before the first step, so that an agency that never answers keeps nothing alive.
 */
export interface Farewell {
  /** Whom to answer at the end. */
  readonly initiator: Initiator
  /** Which session is meant; nothing: whichever the browser has (the gateway's own shape). */
  readonly asked?: Asked
  /** Whether the browser was seen and its session ended. */
  readonly begun: boolean
  /** Digest of the cookie of the browser that left: nobody else learns by what names its citizen is known. */
  readonly browser?: string
  readonly reached?: Session['reached']
  /** Ids of relying parties that are still to be told. */
  readonly left: readonly string[]
  /** Told, and not back yet. */
  readonly waiting?: { readonly relyingParty: string; readonly request: string }
  /** Whether every agency so far was told and answered that it did it; those of the gateway's profile cannot be told. */
  readonly complete: boolean
  /** The browser has another session than the one that was meant, and keeps it. */
  readonly another?: boolean
}

export type Initiator =
  | {
      readonly by: 'clave'
      readonly relyingParty: string
      readonly returnTo: string
      /** The field of the answer, as the request's field wants it. */
      readonly field: 'logoutResponse' | 'samlResponseLogout'
      readonly inResponseTo: string
      readonly relayState?: string
    }
  | {
      readonly by: 'standard'
      readonly relyingParty: string
      readonly inResponseTo: string
      readonly relayState?: string
      /** aslo:Asynchronous: wants no answer. */
      readonly silent: boolean
    }
  /** An address that the browser goes to in the end: another door of ours, or an agency's that it has checked. */
  | { readonly by: 'other'; readonly then: string }

/** A session as an agency calls it. */
export interface Asked {
  readonly nameId: string
}

/** Seconds that the agencies together may take. */
const lifetime = 900
const keyOf = (id: string): string => `saml:farewell:${id}`

export interface FarewellEntry {
  readonly farewell: Farewell
  readonly revision: string
}

export async function keepFarewell(parts: SamlParts, farewell: Farewell): Promise<string> {
  const id = parts.random.token(16)
  await parts.store.set(keyOf(id), farewell, parts.clock.in(lifetime))
  return id
}

export async function findFarewell({ store }: SamlParts, id: string): Promise<FarewellEntry | undefined> {
  const entry = isId(id) ? await store.get<Farewell>(keyOf(id)) : undefined
  return entry && { farewell: entry.value, revision: entry.revision }
}

/** The revision it has then; nothing when another request moved it first. */
export const moveFarewell = (
  parts: SamlParts,
  id: string,
  revision: string,
  to: Farewell,
): Promise<string | undefined> => parts.store.swap(keyOf(id), revision, to, parts.clock.in(lifetime))

/** Of any number of takers one ends it. */
export const takeFarewell = async ({ store }: SamlParts, id: string): Promise<boolean> =>
  (await store.take<Farewell>(keyOf(id))) !== undefined

/** A farewell that has nothing behind it yet. */
export const newFarewell = (initiator: Initiator, asked?: Asked): Farewell => ({
  initiator,
  ...(asked ? { asked } : {}),
  begun: false,
  left: [],
  complete: true,
})

/** The same, once the session has ended in this browser. */
export function leavingFrom(farewell: Farewell, browser: string, { reached }: Session): Farewell {
  const { initiator } = farewell
  const except = initiator.by === 'other' ? undefined : initiator.relyingParty
  return { ...farewell, begun: true, browser, reached, left: Object.keys(reached).filter((id) => id !== except) }
}
