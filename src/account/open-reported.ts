import { noteEvent } from '../audit/index.ts'
import { citizensIn } from '../citizen/index.ts'
import type { Messages } from '../messaging/index.ts'
import type { Clock, Db, Random } from '../platform/index.ts'
import { caseTable, type Reported } from './case-table.ts'
import { layNews } from './lay-news.ts'

export interface ReportedParts {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly messages: Messages
}

/** A report waits for its case no longer than the worker may be away: seconds. */
const lookedBack = 30 * 86_400

/**
 * Opens a case for each request that a citizen denied in the app and reported. The report stands in the audit from the
 * statement on that took the decision, so that none is lost, whatever dies before the case is there; of any number of
 * workers one opens it. Nothing is blocked: nobody got in.
 */
export async function openReported(parts: ReportedParts): Promise<void> {
  for (const reported of await caseTable.reportedWithout(parts.db, parts.clock.in(-lookedBack))) {
    await openCase(parts, reported)
  }
}

const openCase = (parts: ReportedParts, { event, citizen, at }: Reported): Promise<void> =>
  parts.db.transaction(async (tx) => {
    const now = parts.clock.now()
    const one = { id: parts.random.uuid(), citizen, event, method: undefined }
    if (!(await caseTable.open(tx, one, now))) return
    await noteEvent(tx, { kind: 'case-opened', at: now, citizen, data: { case: one.id, event } })
    const person = await citizensIn(tx, parts.clock).find(citizen)
    if (person) await layNews(tx, parts, person, { kind: 'request-reported', at })
  })
