import type { Machinery } from '../../machinery.ts'
import { deriveKey, type Random } from '../../platform/index.ts'
import { assertionOf, coseKey, sayingAt } from './authenticator.ts'
import { phoneKeys, publicJwk, type PublicJwk } from './keys.ts'
import {
  callClaims,
  challengeOf,
  decisionClaims,
  signWith,
  writeWord,
  type PhoneDecision,
  type ShownToPhone,
} from './words.ts'

/** What a phone is to the server once it is activated. */
export interface PhoneName {
  readonly id: string
  /** Of its unlock, the last that the server saw. */
  readonly counter: number
}

/** A phone with Cl@ve Móvil in software: its own keys, and nothing of the server's. */
export interface SandboxPhone {
  /** What the server keeps of it. */
  readonly key: PublicJwk
  readonly credential: { readonly id: string; readonly publicKey: string; readonly counter: number }
  /** The word that goes with a call of the app's interface. */
  call(name: PhoneName, asked: { readonly method: string; readonly path: string; readonly body: string }): string
  /** Decides on what it was shown, behind the phone's own unlock. */
  decide(
    name: PhoneName,
    shown: ShownToPhone,
    decision: PhoneDecision,
  ): { readonly jws: string; readonly assertion: Record<string, unknown> }
}

export interface SandboxPhoneParts {
  readonly baseUrl: string
  /** Of the phone: real time. */
  readonly now: () => Date
  readonly random: Random
}

/** `secret`: 32 bytes that nobody else has. */
export function makeSandboxPhone({ baseUrl, now, random }: SandboxPhoneParts, secret: Buffer): SandboxPhone {
  const { signing, unlock, credential: id } = phoneKeys(secret)
  const iat = () => Math.floor(now().getTime() / 1000)
  const word = (typ: string, { id: kid }: PhoneName, claims: object) =>
    writeWord(JSON.stringify({ alg: 'ES256', typ, kid }), JSON.stringify(claims), signWith(signing))
  return {
    key: publicJwk(signing),
    credential: { id, publicKey: coseKey(unlock).toString('base64url'), counter: 0 },
    call: (name, asked) =>
      word('clave-movil-call+jwt', name, callClaims(baseUrl, asked, { jti: random.token(16), iat: iat() })),
    decide(name, shown, decision) {
      const jws = word('clave-movil-decision+jwt', name, decisionClaims(baseUrl, shown, decision, iat()))
      return { jws, assertion: assertionOf(sayingAt(baseUrl, id, challengeOf(jws), name.counter + 1), unlock) }
    },
  }
}

/** The test phone of the citizen with this document. */
export type SandboxPhones = (document: string) => SandboxPhone

/** Their keys come of the sandbox's master key (base64), so that the phones, too, go on after a restart. */
export function phonesOf(
  { config: { baseUrl }, clock, random }: Pick<Machinery, 'config' | 'clock' | 'random'>,
  masterKey: string,
): SandboxPhones {
  const master = Buffer.from(masterKey, 'base64')
  const parts = { baseUrl, now: clock.wire, random }
  return (document) => makeSandboxPhone(parts, deriveKey(master, `sandbox-phone:${document}`))
}
