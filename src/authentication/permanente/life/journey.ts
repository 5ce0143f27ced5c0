import type { Login } from '../../method.ts'
import type { Claimant } from '../../prove.ts'
import type { Caller, LifeParts } from './parts.ts'

/** A first password with the activation code, or another one after a block, an expiry or a lapse of memory. */
export type JourneyKind = 'activate' | 'recover'

/** Where it stands. */
export type At =
  | ({ readonly page: 'code' } & CodeAsked)
  | ({ readonly page: 'password' } & Proven)
  | { readonly page: 'done' }
  /** `gone`: what was proven is too old, or was used; `activation-dead`: the code was used elsewhere meanwhile. */
  | { readonly page: 'ended'; readonly why: 'gone' | 'activation-dead' }

/** Who the citizen is, once document and activation code or contrast were right. */
export interface Proven {
  readonly who: Claimant
  /** The activation code, sealed, which the new password uses up; absent where the contrast was shown instead. */
  readonly activation?: string
}

export interface CodeAsked extends Proven {
  /** The phone's last three digits. */
  readonly phone: string
  /** ISO 8601: until when the code may be typed. */
  readonly until: string
  /** The citizen asked for another one. */
  readonly another?: boolean
}

/** 128 bits. */
export const newId = ({ random }: Pick<LifeParts, 'random'>): string => random.token(16)

/** What codes and counts know a journey by: a login of Cl@ve's own. */
export const loginOf = (id: string, caller: Caller, expires: Date): Login => ({
  id,
  relyingParty: { id: 'clave-permanente', name: 'Cl@ve Permanente' },
  asked: ['low', 'substantial', 'high'],
  locale: caller.locale,
  browser: caller.browser,
  address: caller.address,
  expires,
})

const context = (id: string): string => `permanente-life.activation.${id}`

export const sealActivation = ({ envelope }: LifeParts, id: string, code: string): string =>
  envelope.seal(code, context(id))

export const openActivation = ({ envelope }: LifeParts, id: string, sealed: string): string =>
  envelope.open(sealed, context(id)).toString('utf8')
