import type { Clock, Sql } from '../platform/index.ts'
import { findCitizen, findCitizenByDocument, putCitizen, renewCitizenContrast } from './citizen-table.ts'
import type { Citizen, CitizenOnRecord, Contrast } from './citizen.ts'

/** The people Cl@ve knows. Each function is one statement. */
export interface Citizens {
  find(id: string): Promise<Citizen | undefined>
  /** `document` in its normal form (`parseDocument`). */
  byDocument(document: string): Promise<CitizenOnRecord | undefined>
  /** Writes the citizen of this document, whatever was there but the id; answers the id. Throws when the phone is another's. */
  put(record: CitizenOnRecord): Promise<string>
  /** The document was renewed: its new contrast counts from now on. */
  renewContrast(id: string, contrast: Contrast): Promise<void>
}

/** On the pool, or inside a transaction. */
export function citizensIn(sql: Sql, clock: Clock): Citizens {
  return {
    find: (id) => findCitizen(sql, id),
    byDocument: (document) => findCitizenByDocument(sql, document),
    put: (record) => putCitizen(sql, record, clock.now()),
    renewContrast: (id, contrast) => renewCitizenContrast(sql, id, contrast, clock.now()),
  }
}
