import type { DocumentKind } from '../citizen/index.ts'
import type { Refusal } from '../refusal/index.ts'
import type { RegistrationParts } from './parts.ts'

/** Who stands before the pages, once the contrast was right. */
export interface Who {
  readonly document: string
  readonly kind: DocumentKind
  /** Whether this browser completed a login of this citizen before. */
  readonly known: boolean
  /** The tax domicile, masked, in lines; absent: none is on record. */
  readonly domicile?: readonly string[]
  /** The Tax Agency knows an account of the person. */
  readonly iban: boolean
}

/** What was shown to register with. */
export type Proof =
  /** The digest of a CSV that was right. */
  | { readonly channel: 'letter'; readonly csv: string }
  /** A record of PIN 24 horas, with what may be shown of its contact data before its phone is proven: masked. */
  | { readonly channel: 'pin24h'; readonly phone: string; readonly email: string | undefined }

export interface Contact {
  /** E.164. */
  readonly phone: string
  readonly email: string | undefined
}

/** Where it stands. */
export type At =
  /** `letter`: the person came to type in a letter's code. */
  | { readonly page: 'contrast'; readonly document: string; readonly kind: DocumentKind; readonly letter: boolean }
  | { readonly page: 'channels'; readonly who: Who; readonly letter: boolean }
  /** A letter was asked for; `due`: ISO 8601, when it is made. */
  | { readonly page: 'asked'; readonly who: Who; readonly due: string }
  | { readonly page: 'contact'; readonly who: Who; readonly proof: Proof }
  | PhoneAsked
  /** `code`: the activation code of the receipt, sealed. */
  | {
      readonly page: 'confirm'
      readonly who: Who
      readonly proof: Proof
      readonly contact: Contact
      readonly code: string
    }
  | { readonly page: 'done'; readonly done: Done }
  | { readonly page: 'refused'; readonly refusal: Refusal }

/** A code is on its way to the phone. */
export interface PhoneAsked {
  readonly page: 'phone'
  readonly who: Who
  readonly proof: Proof
  readonly contact: Contact
  /** ISO 8601: until when the code may be typed. */
  readonly until: string
  readonly another?: boolean
}

export interface Done {
  readonly citizen: string
  readonly level: 'basic' | 'advanced'
  readonly tookOver: boolean
  /** Whether the receipt went to an e-mail address. */
  readonly mailed: boolean
  /** The activation code of the receipt, sealed. */
  readonly receipt: string
  readonly downloaded?: true
}

export type StateName = At['page']

/** The activation code of a journey is no plain text in the store. */
export const sealCode = ({ envelope }: RegistrationParts, journey: string, code: string): string =>
  envelope.seal(code, `register.code.${journey}`)

export const openCode = ({ envelope }: RegistrationParts, journey: string, sealed: string): string =>
  envelope.open(sealed, `register.code.${journey}`).toString()
