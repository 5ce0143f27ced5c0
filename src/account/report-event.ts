import { noteEvent, type AuditEntry } from '../audit/index.ts'
import type { Citizen, MethodName } from '../citizen/index.ts'
import type { Session } from '../login/index.ts'
import type { Tx } from '../platform/index.ts'
import { changeBlockIn, mayBlock } from './block-method.ts'
import { caseTable } from './case-table.ts'
import { endSessions } from './end-sessions.ts'
import { methodOf } from './event-kinds.ts'
import { layNews } from './lay-news.ts'
import type { Turn } from './page.ts'
import type { AccountParts } from './parts.ts'
import { consequenceOf } from './standing.ts'

/**
 * "This was not me": opens a case, blocks the method that was used, tells the citizen by e-mail, all in one transaction,
 * and ends every session; then agencies are told. Of two tabs one opens the case. The sessions end in either: whoever
 * presses it again means it. Answers whether this browser's session goes on (`survives`).
 */
export async function reportEvent(
  parts: AccountParts,
  turn: Turn,
  event: AuditEntry,
  agency: string,
): Promise<boolean> {
  const { citizen, caller, session } = turn
  const blocked = await openCase(parts, turn, event, agency)
  const goesOn = survives(session, event, blocked)
  const about = { citizen: citizen.id, address: caller.address }
  await endSessions(parts, about, 'not-me', ({ id }) => !(goesOn && id === session.id))
  return goesOn
}

/** The method that a report of this event blocks now; undefined: none is known, or this session may not (`mayBlock`). */
export async function blockedBy(
  parts: AccountParts,
  turn: Turn,
  citizen: Citizen,
  event: AuditEntry,
): Promise<MethodName | undefined> {
  const method = await methodOf(parts, citizen.id, event)
  if (!method || citizen.blockedMethods.includes(method)) return method
  return (await mayBlock(turn, await consequenceOf(parts, citizen, method))) ? method : undefined
}

/** Opens it, unless there is one; answers the method that is blocked for it. */
async function openCase(
  parts: AccountParts,
  turn: Turn,
  event: AuditEntry,
  agency: string,
): Promise<MethodName | undefined> {
  let citizen: Citizen | undefined = turn.citizen
  while (citizen?.registration) {
    const opened = await caseTable.ofEvent(parts.db, citizen.id, event.id)
    if (opened) return opened.method
    const decided = { citizen, method: await blockedBy(parts, turn, citizen, event) }
    if (await parts.db.transaction((tx) => write(tx, parts, turn, event, agency, decided))) return decided.method
    // Another tab changed what is blocked: what that leaves is weighed as well.
    citizen = await parts.citizens.find(citizen.id)
  }
  return undefined
}

/** False, and nothing done: the citizen's methods are not what was decided on any more. */
async function write(
  tx: Tx,
  parts: AccountParts,
  { caller }: Turn,
  event: AuditEntry,
  agency: string,
  { citizen, method }: { readonly citizen: Citizen; readonly method: MethodName | undefined },
): Promise<boolean> {
  const change = { citizen: citizen.id, blocked: true, decidedOn: citizen.blockedMethods }
  if (method && (await changeBlockIn(tx, parts, { ...change, method }, caller)) === 'otherwise') return false
  const at = parts.clock.now()
  const one = { id: parts.random.uuid(), citizen: citizen.id, event: event.id, method }
  if (!(await caseTable.open(tx, one, at))) return true
  const { browser, address } = caller
  const data = { case: one.id, event: event.id, method, browser, address }
  await noteEvent(tx, { kind: 'case-opened', at, citizen: citizen.id, data })
  await layNews(tx, parts, citizen, { kind: 'session-report', at: event.at, agency })
  return true
}

/**
 * The session in which somebody says so goes on, unless it is the one that they report, or rests on the method that is
 * blocked: who reports a login of the same kind as their own proves again who they are, another way.
 */
export function survives({ id, reached, proofs }: Session, event: AuditEntry, method: MethodName | undefined): boolean {
  const reported = event.kind === 'login' ? event.data.session : undefined
  const isReported = reported !== undefined && (reported === id || Object.values(reached).includes(reported))
  return !isReported && proofs.some((proof) => proof.method !== method)
}
