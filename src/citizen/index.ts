export { citizensIn, type Citizens } from './citizens.ts'
export { changeBlockedMethods, contrastOf, contrastValues, putProvenEmail } from './citizen-table.ts'
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
export { fullName, maskDocument, maskEmail, properName } from './shown-citizen.ts'
export { standingsOf, type Standing } from './standing-table.ts'
export { parseDocument, type DocumentFault, type IdentityDocument } from './document.ts'
export { stillStands } from './still-stands.ts'
export {
  atLeast,
  levelGranted,
  levelsAsked,
  loas,
  methodNames,
  methodOfVariant,
  reach,
  reachTable,
  registrationLevels,
  type Comparison,
  type LevelsAsked,
  type Loa,
  type MethodName,
  type MethodVariant,
  type RegistrationChannel,
  type RegistrationLevel,
} from './level.ts'
