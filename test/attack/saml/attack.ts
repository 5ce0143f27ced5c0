import type { RefusalCode } from '../../../src/refusal/index.ts'
import type { MessageKind } from '../../../src/saml/messages.ts'
import { authnRequest, base64, logoutRequest, logoutResponse, makeKeyPair, signXml } from '../../support/saml-signer.ts'
import type { SamlKeyPair } from '../../support/saml-signer.ts'

/** What reaches a door: the field of a POST, or the query of a redirect. */
export type Attempt = { readonly post: string } | { readonly redirect: string }

/** One row of the corpus. A case is added by adding a row, or a file beside the others in `cases/`. */
export interface Attack {
  readonly name: string
  make(genuine: Genuine): Attempt
  readonly refused: RefusalCode
}

/** What an attacker has in hand: a message that was truly signed, keys of others, and keys that no longer count. */
export interface Genuine {
  readonly bare: Readonly<Record<MessageKind, string>>
  readonly signed: Readonly<Record<MessageKind, string>>
  /** Registered. */
  readonly pair: SamlKeyPair
  /** Registered, too short. */
  readonly short: SamlKeyPair
  /** Registered, expired; and one whose time has not come. */
  readonly expired: SamlKeyPair
  readonly early: SamlKeyPair
  /** The attacker's own. */
  readonly foreign: SamlKeyPair
}

export const kinds = ['AuthnRequest', 'LogoutRequest', 'LogoutResponse'] as const satisfies readonly MessageKind[]

const year = 365 * 24 * 3600 * 1000

export function makeGenuine(now: Date): Genuine {
  const at = (years: number) => new Date(now.getTime() + years * year)
  const pair = makeKeyPair()
  const bare = {
    AuthnRequest: authnRequest({ issuer: 'https://sp.example/metadata' }),
    LogoutRequest: logoutRequest(),
    LogoutResponse: logoutResponse(),
  }
  const sign = (kind: MessageKind) => signXml(bare[kind], pair)
  return {
    bare,
    signed: {
      AuthnRequest: sign('AuthnRequest'),
      LogoutRequest: sign('LogoutRequest'),
      LogoutResponse: sign('LogoutResponse'),
    },
    pair,
    short: makeKeyPair('rsa-1024'),
    expired: makeKeyPair('rsa-2048', { notBefore: at(-2), notAfter: at(-1) }),
    early: makeKeyPair('rsa-2048', { notBefore: at(1), notAfter: at(2) }),
    foreign: makeKeyPair(),
  }
}

export const registered = ({ pair, short, expired, early }: Genuine) =>
  [pair, short, expired, early].map(({ certificate }) => certificate)

export const post = (xml: string | Uint8Array): Attempt => ({ post: base64(xml) })

const signature = /<ds:Signature[ >][^]*<\/ds:Signature>/
export const signatureOf = (xml: string): string => signature.exec(xml)![0]
export const withoutSignature = (xml: string): string => xml.replace(signature, '')
/** Puts XML in front of the root's end. */
export const append = (xml: string, inside: string): string => xml.replace(/<\/[^<>]+>$/, (end) => inside + end)
/** Puts XML behind the root's start. */
export const prepend = (xml: string, inside: string): string => xml.replace(/^<[^>]+>/, (start) => start + inside)

/** Replaces exactly once; a case that changes nothing would prove nothing. */
export function swap(xml: string, from: string | RegExp, to: string): string {
  const changed = xml.replace(from, () => to)
  if (changed === xml) throw new Error(`Nothing to swap: ${String(from)}`)
  return changed
}
