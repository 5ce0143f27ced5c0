import { eventOf, type AuditEntry } from '../audit/index.ts'
import type { MethodName } from '../citizen/index.ts'
import { caseTable } from './case-table.ts'
import { isReportable, methodOf } from './event-kinds.ts'
import { ownParty } from './own-party.ts'
import type { Answer, Form, Page, Turn } from './page.ts'
import type { AccountParts } from './parts.ts'
import { blockedBy, reportEvent, survives } from './report-event.ts'
import { showEvent } from './show-event.ts'
import { anyProvesAgain, consequenceOf, standingsOf } from './standing.ts'

const path = '/not-me/:event'
const list = { instead: '/activity' }

/** "This was not me": what it does, the one press that does it, and what to do then. */
export function notMePages(parts: AccountParts): { readonly pages: readonly Page[]; readonly forms: readonly Form[] } {
  return {
    pages: [{ path, template: 'account/views/not-me.njk', surety: 'session', show: (turn) => show(parts, turn) }],
    forms: [{ path, page: path, submit: (turn) => report(parts, turn) }],
  }
}

/** Before and after: once there is a case, the same address tells what was done. */
async function show(parts: AccountParts, turn: Turn): ReturnType<Page['show']> {
  const event = await reportable(parts, turn)
  if (!event) return list
  const opened = await caseTable.ofEvent(parts.db, turn.citizen.id, event.id)
  const shown = await showEvent(parts, event, turn.caller)
  if (opened) return { model: { event: shown, ...(await afterwards(parts, turn, event, opened.method)) } }
  const [method, blocks] = [
    await methodOf(parts, turn.citizen.id, event),
    await blockedBy(parts, turn, turn.citizen, event),
  ]
  const consequence = method && (await consequenceOf(parts, turn.citizen, method))
  const goesOn = survives(turn.session, event, blocks)
  return { model: { event: shown, method, withheld: method !== blocks, consequence, goesOn } }
}

async function report(parts: AccountParts, turn: Turn): Promise<Answer> {
  const event = await reportable(parts, turn)
  if (!event) return { to: list.instead }
  const shown = await showEvent(parts, event, turn.caller)
  const goesOn = await reportEvent(parts, turn, event, shown.agency ?? ownParty.name)
  if (goesOn) return { to: `/not-me/${event.id}` }
  const opened = await caseTable.ofEvent(parts.db, turn.citizen.id, event.id)
  const model = { event: shown, over: true, ...(await afterwards(parts, turn, event, opened?.method)) }
  return { page: 'account/views/not-me.njk', model, leave: true }
}

/** What was done, and whether a way is left to lift the block here. `forCase`: what was blocked when it was opened. */
async function afterwards(
  parts: AccountParts,
  { citizen: { id } }: Turn,
  event: AuditEntry,
  forCase: MethodName | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const citizen = await parts.citizens.find(id)
  const standings = citizen ? await standingsOf(parts, citizen) : []
  const method = forCase ?? (await methodOf(parts, id, event))
  // They may have lifted it since, or blocked it themselves.
  const blocked = citizen?.blockedMethods.some((one) => one === method)
  return {
    done: true,
    method,
    blocked,
    withheld: !blocked && forCase === undefined,
    wayIn: standings.some(({ best }) => best !== undefined),
    liftable: citizen && (await anyProvesAgain(parts, citizen, standings)),
  }
}

/** The citizen's own event that the address names, where it is one to report. */
async function reportable({ db }: AccountParts, { citizen, params }: Turn): Promise<AuditEntry | undefined> {
  const id = params['event'] ?? ''
  if (!/^\d{1,15}$/.test(id)) return undefined
  const event = await eventOf(db, citizen.id, Number(id))
  return event && isReportable(event) ? event : undefined
}
