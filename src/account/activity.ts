import { historyOf, type AuditEntry } from '../audit/index.ts'
import { shownKinds } from './event-kinds.ts'
import type { Page } from './page.ts'
import type { AccountParts } from './parts.ts'
import { showEvents } from './show-event.ts'

/** Seconds that the citizen can look back. */
export const twoYears = 2 * 365 * 86_400
const onePage = 20

/** Logins and changes of the last two years, newest first. */
export const activityPage = (parts: AccountParts): Page => ({
  path: '/activity',
  template: 'account/views/activity.njk',
  surety: 'session',
  nav: 'activity',
  async show({ citizen, caller, query }) {
    const after = readAfter(query['after'] ?? '')
    const asked = { from: parts.clock.in(-twoYears), most: onePage + 1, kinds: shownKinds }
    const found = await historyOf(parts.db, citizen.id, { ...asked, ...(after && { after }) })
    const entries = found.slice(0, onePage)
    const last = entries.at(-1)
    return {
      model: {
        events: await showEvents(parts, entries, caller),
        later: after !== undefined,
        earlier: found.length > onePage && last ? `/account/activity?after=${writeAfter(last)}` : undefined,
      },
    }
  },
})

type Place = Pick<AuditEntry, 'at' | 'id'>

const writeAfter = ({ at, id }: Place): string => `${at.getTime()}-${id}`

/** Where a page begins; what is no such place is the beginning. */
function readAfter(text: string): Place | undefined {
  const [, at, id] = /^(\d{1,14})-(\d{1,15})$/.exec(text) ?? []
  return at === undefined ? undefined : { at: new Date(Number(at)), id: Number(id) }
}
