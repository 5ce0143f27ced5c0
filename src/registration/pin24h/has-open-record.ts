import type { Sql } from '../../platform/index.ts'
import { recordTable } from './record-table.ts'

/** Whether this person has a record of PIN 24 horas that is still to be migrated. */
export const hasOpenRecord = async (sql: Sql, document: string): Promise<boolean> =>
  (await recordTable.find(sql, document))?.migrated === false
