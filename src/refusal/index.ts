export { isRefusal, refusal, type Refusal } from './refusal.ts'
export { refusalRow, refusals, type RefusalCode, type RefusalRow } from './table.ts'
export { documentRefusals } from './document-refusals.ts'
