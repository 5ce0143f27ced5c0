import type { LoginRequest } from '../login/index.ts'
import type { SamlParts } from './parts.ts'
import { isId } from './paths.ts'
import type { Face } from './sender.ts'

/** What a request asks of the login. */
export interface LoginAsked {
  /** The face that it came in by. */
  readonly face: Face
  /** URI. */
  readonly nameIdFormat: string
  /** Value of the attribute RelayState, to be given back as one. */
  readonly echo?: string
  readonly request: Omit<LoginRequest, 'door' | 'resume'>
}

/** What is kept of a request until its login has an outcome. */
export interface SamlLogin extends LoginAsked {
  /** The request's ID. */
  readonly inResponseTo: string
  readonly acs: string
  readonly relayState?: string
}

const keyOf = (id: string): string => `saml:login:${id}`

/** Keeps it; answers the id of its own address. */
export async function keepLogin(parts: SamlParts, login: SamlLogin): Promise<string> {
  const id = parts.random.token(16)
  await parts.store.set(keyOf(id), login, parts.clock.in(parts.limits.interactionLifetime))
  return id
}

export const findLogin = async ({ store }: SamlParts, id: string): Promise<SamlLogin | undefined> =>
  isId(id) ? (await store.get<SamlLogin>(keyOf(id)))?.value : undefined

/** Of any number of requests for the answer one gets it: it must not be had again by the back button. */
export const takeLogin = async ({ store }: SamlParts, id: string): Promise<boolean> =>
  (await store.take<SamlLogin>(keyOf(id))) !== undefined
