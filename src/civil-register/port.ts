import type { CitizenName, Contrast } from '../citizen/index.ts'

/** The authority on who a person is: it decides where our own copy differs. */
export interface CivilRegister {
  /**
   * The person of this document (normal form); undefined: nobody; 'silent': no answer within this many milliseconds, or
   * the register is out of order. It never throws for the register's troubles and holds nothing beyond the time given.
   */
  ask(document: string, withinMs: number): Promise<CivilRecord | undefined | 'silent'>
}

export interface CivilRecord {
  readonly document: string
  readonly name: CitizenName
  /** YYYY-MM-DD. */
  readonly bornOn: string
  readonly deceased: boolean
  readonly contrast: Contrast | undefined
  /** The tax domicile: where letters go. */
  readonly domicile: Domicile | undefined
  /** Known to the Tax Agency, electronic format: ES9121000418450200051332. */
  readonly iban?: string | undefined
  /** Known to the Tax Agency. */
  readonly email?: string | undefined
}

export interface Domicile {
  readonly street: string
  readonly postalCode: string
  readonly town: string
  readonly province: string
}
