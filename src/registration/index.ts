export {
  checkActivationCode,
  issueActivationCode,
  redeemActivationCode,
  type ActivationAnswer,
  type ActivationParts,
} from './activation-codes.ts'
export { inGroups } from './draw-codes.ts'
export { makeRegistration, type Registration } from './make-registration.ts'
export type { ActParts, Origin, RegistrationParts, RenunciaParts } from './parts.ts'
export { raise, type Raising } from './raise.ts'
export { readEmail, readPhone } from './read-contact.ts'
export { makeReceipt, type Receipt } from './receipt.ts'
export { givePhone, registerCitizen, type Registered, type Registering } from './register-citizen.ts'
export { renounce, type Renounced } from './renounce.ts'
export { makeLetters, readAcknowledgements, type LetterPressParts } from './letter/make-letters.ts'
export { putLetter } from './letter/put-letter.ts'
export { manifestFile, openLetter, type Acknowledgement, type Manifest } from './letter/spool.ts'
export { registrationSweeps, type RegistrationSweepParts } from './sweeps.ts'
