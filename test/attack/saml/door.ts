import type { Browser, Page } from '../../oidc/browser.ts'
import type { IdentityProvider } from '../../oidc/identity-provider.ts'
import type { SamlAgency, standardAgency } from '../../saml/agency.ts'
import type { RefusalCode } from '../../../src/refusal/index.ts'
import { base64 } from '../../support/saml-signer.ts'
import type { Genuine } from './attack.ts'

/** With its name, and where its logouts go. */
export type StandardAgency = Awaited<ReturnType<typeof standardAgency>>

export type Face = 'clave' | 'standard'
export const faces = ['clave', 'standard'] as const
export const loginDoors = { clave: '/Proxy2/ServiceProvider', standard: '/saml/sso' } as const
export const logoutDoors = { clave: '/Proxy2/ServiceProvider', standard: '/saml/slo' } as const

export type LoginContent = Parameters<SamlAgency['asks']>[0] & object
export type LogoutContent = Parameters<SamlAgency['leaves']>[0] & object
export type Fields = Readonly<Record<string, string>>

/** One row of the corpus at the doors. A case is added by adding a row, or a file beside the others in `cases/`. */
export interface DoorAttack {
  readonly name: string
  readonly refused: RefusalCode
  /** Who hears of it: the agency, by a signed error at an address of its own, or a page, and nobody else. */
  readonly told: 'page' | 'agency'
  /** What is answered; of several each has to be the refusal. */
  attack(scene: DoorScene): Promise<Page | readonly Page[]>
}

/** What a door takes and answers with success. */
export interface DoorPass {
  readonly name: string
  /** Taken again after all attacks. */
  readonly control?: true
  /** Comes back as it was, and is never anything but text. */
  readonly relayState?: string
  pass(scene: DoorScene): Promise<Page>
}

/** What an attacker has: two agencies that are registered, others' names, and messages that one of the two signs. */
export interface DoorScene {
  /** Of the service, without a slash at its end. */
  readonly origin: string
  readonly idp: IdentityProvider
  /** A second instance before the same database and store. */
  readonly other: IdentityProvider
  /** Registered for both bindings, with the keys of `genuine` beside their own. */
  readonly agencies: { readonly clave: SamlAgency; readonly standard: StandardAgency }
  /** What else is registered: others, one of them for POST alone. */
  readonly victims: DoorScene['agencies']
  /** Of the gateway's face, with a return address by pattern: `https://pattern.test/return/{session}.html`. */
  readonly pattern: SamlAgency
  /** Of the standard face; its metadata held until a second ago. */
  readonly lapsed: SamlAgency
  /** Of the standard face, without a logout service. */
  readonly silent: SamlAgency
  /** Keys that the agency of the gateway's face may not sign with, and one of nobody's. */
  readonly genuine: Genuine
  /** A new ID; what is refused to the agency's face is refused as the answer to the newest. */
  id(): string
  /** A signed login request, as XML. */
  request(face: Face, content?: LoginContent): string
  /** A signed logout request of the citizen who is logged in, as XML. */
  leaving(face: Face, content?: LogoutContent): string
  /** By the browser whose session stays. */
  post(door: string, fields: Fields | string): Promise<Page>
  open(door: string, query: string): Promise<Page>
  /** Empties the ephemeral store; the browser logs in anew. */
  flush(): Promise<void>
  /** By a browser of its own, through to the answer. */
  login(face: Face, send: (browser: Browser) => Promise<Page>): Promise<Page>
  logout(face: Face, more: { readonly content?: LogoutContent; readonly fields?: Fields }): Promise<Page>
}

export const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()
export const form = (fields: Fields): string => new URLSearchParams(fields).toString()
/** By what an agency of either face is registered. */
export const nameOf = ({ clave, standard }: DoorScene['agencies'], face: Face): string =>
  face === 'clave' ? `S2833002E_${clave.id}` : standard.entityId

type Told = Pick<DoorAttack, 'refused' | 'told'>
export const toPage = (refused: RefusalCode): Told => ({ refused, told: 'page' })
export const toAgency = (refused: RefusalCode): Told => ({ refused, told: 'agency' })

/** A login request that says something else than it should, signed all the same and posted; on one face. */
export const saysOn = (
  face: Face,
  name: string,
  told: Told,
  content: (scene: DoorScene) => LoginContent,
  fields: Fields = {},
): DoorAttack => ({
  ...told,
  name: `${face} login: ${name}`,
  attack: (scene) =>
    scene.post(loginDoors[face], { SAMLRequest: base64(scene.request(face, content(scene))), ...fields }),
})
/** On both. */
export const says = (
  name: string,
  told: Told,
  content: (scene: DoorScene, face: Face) => LoginContent,
  fields?: Fields,
): DoorAttack[] => faces.map((face) => saysOn(face, name, told, (scene) => content(scene, face), fields))

/** Whatever is posted to where logins are asked for, on both faces. */
export const sends = (
  name: string,
  told: Told,
  fields: (scene: DoorScene, face: Face) => Fields | string,
): DoorAttack[] =>
  faces.map((face) => ({
    ...told,
    name: `${face} login: ${name}`,
    attack: (scene) => scene.post(loginDoors[face], fields(scene, face)),
  }))
