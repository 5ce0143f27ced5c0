export {
  activationCodeOf,
  checkActivationCode,
  issueActivationCode,
  putActivationCode,
  redeemActivationCode,
  type ActivationAnswer,
  type ActivationCodeState,
  type ActivationParts,
} from './activation-codes.ts'
export { inGroups } from './draw-codes.ts'
export { makeRegistration, type Registration } from './make-registration.ts'
export type { ActParts, Origin, RegistrationParts, RenunciaParts } from './parts.ts'
export { raise, type Raising } from './raise.ts'
export { readEmail, readPhone, sayPhone } from './read-contact.ts'
export { makeReceipt, wholeName, type Receipt } from './receipt.ts'
export { givePhone, registerCitizen, type Registered, type Registering } from './register-citizen.ts'
export { renounce, type Renounced } from './renounce.ts'
export { makeSheet, type Sheet } from './sheet.ts'
export { layMessage, localeOf, maskPhone, newsExpires } from './tell.ts'
export { makeLetters, readAcknowledgements, type LetterPressParts } from './letter/make-letters.ts'
export { lettersOf, type LetterState } from './letter/letters-of.ts'
export { putLetter } from './letter/put-letter.ts'
export { manifestFile, openLetter, type Acknowledgement, type Manifest } from './letter/spool.ts'
export {
  citizenUsage,
  readCitizenCall,
  runCitizenCommand,
  type CitizenCommandOutput,
  type ImportCall,
} from './pin24h/command.ts'
export { importRecords, type Imported, type ImportParts } from './pin24h/import-records.ts'
export { hasOpenRecord } from './pin24h/has-open-record.ts'
export { putRecord } from './pin24h/put-record.ts'
export { registrationSweeps, type RegistrationSweepParts } from './sweeps.ts'
