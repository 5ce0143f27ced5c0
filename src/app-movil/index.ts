export { makeAppMovil, type AppMovil } from './make-app-movil.ts'
export type { AppMovilGiven } from './parts.ts'
