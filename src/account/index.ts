export { makeAccount, type Account } from './make-account.ts'
export { accountSweeps } from './sweeps.ts'
export { ownParty, withOwnParty } from './own-party.ts'
export type { AccountParts } from './parts.ts'
