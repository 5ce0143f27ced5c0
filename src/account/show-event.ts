import type { AuditEntry } from '../audit/index.ts'
import { calendarDay, timeOfDay } from '../platform/index.ts'
import { isReportable } from './event-kinds.ts'
import { agencyNames } from './names.ts'
import type { Turn } from './page.ts'
import type { AccountParts } from './parts.ts'

/** An event as a page shows it. */
export interface ShownEvent {
  readonly id: number
  readonly kind: AuditEntry['kind']
  /** In mainland Spain. */
  readonly day: string
  readonly time: string
  readonly reportable: boolean
  readonly agency: string | undefined
  readonly method: string | undefined
  readonly level: string | undefined
  /** A registration's level, where the event is about one. */
  readonly registration: string | undefined
  /** Why a login was refused. */
  readonly code: string | undefined
  readonly from: string | undefined
  readonly to: string | undefined
  readonly address: string | undefined
  /** Whether it was the browser that asks; undefined: not known. */
  readonly here: boolean | undefined
}

type ShowParts = Pick<AccountParts, 'relyingParties'>

export async function showEvents(
  parts: ShowParts,
  entries: readonly AuditEntry[],
  { locale, browser }: Pick<Turn['caller'], 'locale' | 'browser'>,
): Promise<readonly ShownEvent[]> {
  const names = await agencyNames(
    parts,
    entries.flatMap(({ relyingParty }) => (relyingParty === undefined ? [] : [relyingParty])),
  )
  return entries.map((entry) => {
    const { id, kind, at, relyingParty } = entry
    const text = (name: string): string | undefined => {
      const value = (entry.data as Readonly<Record<string, unknown>>)[name]
      return typeof value === 'string' ? value : undefined
    }
    const isLogin = kind === 'login'
    return {
      ...{ id, kind, day: calendarDay(at, locale), time: timeOfDay(at, locale), reportable: isReportable(entry) },
      agency: relyingParty === undefined ? undefined : names.get(relyingParty),
      method: text('method'),
      level: isLogin ? text('level') : undefined,
      registration: isLogin ? undefined : text('level'),
      code: text('code'),
      from: text('from'),
      to: text('to'),
      address: text('address'),
      here: text('browser') === undefined ? undefined : text('browser') === browser,
    }
  })
}

/** One of them. */
export async function showEvent(parts: ShowParts, entry: AuditEntry, caller: Turn['caller']): Promise<ShownEvent> {
  const [shown] = await showEvents(parts, [entry], caller)
  if (!shown) throw new Error('showEvent: one entry is one')
  return shown
}
