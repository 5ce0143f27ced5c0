import type { MethodName, RegistrationChannel, RegistrationLevel } from './level.ts'

/** A natural person with a DNI or NIE, as Cl@ve keeps them. */
export interface Citizen {
  /** Ours, for life: survives renuncia and a new registration; never leaves the service. */
  readonly id: string
  /** Normalised DNI or NIE: 99999999R, X9999999J. */
  readonly document: string
  readonly kind: DocumentKind
  readonly name: CitizenName
  /** E.164. */
  readonly phone: string | undefined
  readonly email: string | undefined
  /** When its owner proved, by a code sent there, to read that address; absent: never. */
  readonly emailProvenAt?: Date | undefined
  readonly locale: string
  /** Absent: known to us, not registered (never was, or renounced). */
  readonly registration:
    { readonly level: RegistrationLevel; readonly channel: RegistrationChannel; readonly at: Date } | undefined
  readonly renouncedAt: Date | undefined
  readonly deceased: boolean
  /** Blocked by the citizen for themselves, in Mi Cl@ve: refused everywhere, until they lift it. */
  readonly blockedMethods: readonly MethodName[]
}

export type DocumentKind = 'dni' | 'nie'

/** Spanish names: some people have one surname only. Upper case, as on the card. */
export interface CitizenName {
  readonly given: string
  readonly firstSurname: string
  readonly secondSurname: string | undefined
}

/**
 * The contrast of a document. DNI: its validity date, or, where it is permanent, its issue date (YYYY-MM-DD both);
 * NIE: the support number (E00012345).
 */
export type Contrast =
  | { readonly kind: 'valid-until'; readonly date: string }
  | { readonly kind: 'issued'; readonly date: string }
  | { readonly kind: 'support'; readonly number: string }

/** A citizen with the contrast kept of the document; absent where none is known. */
export interface CitizenOnRecord {
  readonly citizen: Citizen
  readonly contrast: Contrast | undefined
}
