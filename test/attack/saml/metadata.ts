/** One row: a document in the place of the metadata of a registered service provider. */
export interface MetadataAttack {
  readonly name: string
  /** Code of the fault, as the log of the schedule has it. */
  readonly refused: string
  make(): string
}

/** One row: somebody registers what is not theirs, or from where nothing is read. */
export interface RegistrationAttack {
  readonly name: string
  /** What the person is told. */
  readonly refused: RegExp
  /** Fields beside the id. */
  input(): Readonly<Record<string, unknown>>
}
