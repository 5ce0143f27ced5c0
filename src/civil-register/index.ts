export type { CivilRecord, CivilRegister, Domicile } from './port.ts'
export { postgresCivilRegister, type PostgresCivilRegister } from './postgres-register.ts'
export { isExpired, isMinor } from './rules.ts'
