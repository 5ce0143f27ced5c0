export { citizensIn, type Citizens } from './citizens.ts'
export { contrastOf, contrastValues } from './citizen-table.ts'
export {
  endRegistration,
  putRegistration,
  raiseRegistration,
  takePhone,
  type FormerContact,
  type FormerOwner,
  type NewRegistration,
} from './registration-table.ts'
export type { Citizen, CitizenName, CitizenOnRecord, Contrast, DocumentKind } from './citizen.ts'
export {
  matchesContrast,
  parseContrast,
  type ContrastClaim,
  type ContrastFault,
  type TypedContrast,
} from './contrast.ts'
export { parseDocument, type DocumentFault, type IdentityDocument } from './document.ts'
export {
  atLeast,
  levelGranted,
  levelsAsked,
  loas,
  methodNames,
  reach,
  reachTable,
  type Comparison,
  type LevelsAsked,
  type Loa,
  type MethodName,
  type MethodVariant,
  type RegistrationChannel,
  type RegistrationLevel,
} from './level.ts'
