import type { AuditEvent, FormerLogin } from '../../src/audit/index.ts'
import type { LoginParts } from '../../src/login/index.ts'

export type LoginEvent = Extract<AuditEvent, { kind: 'login' }>

/** The audit, kept in memory: what was written, by the rules that the statements of the real one keep. */
export interface FakeAudit extends Pick<LoginParts, 'note' | 'noteLogin'> {
  readonly events: AuditEvent[]
  /** So many of the next events cannot be written. */
  failing: number
  /** Done before the next event is written. */
  meanwhile: (() => Promise<unknown>) | undefined
}

export function fakeAudit(): FakeAudit {
  const claimed = new Set<string>()
  const arrive = async () => {
    if (audit.failing > 0) {
      audit.failing--
      throw new Error('the database does not answer')
    }
    const { meanwhile } = audit
    audit.meanwhile = undefined
    await meanwhile?.()
  }
  const audit: FakeAudit = {
    events: [],
    failing: 0,
    meanwhile: undefined,
    async note(event) {
      await arrive()
      audit.events.push(event)
    },
    async noteLogin(event, { id }) {
      await arrive()
      const former = audit.events.findLast((other) => isFormer(other, event))
      if (!claimed.has(id)) audit.events.push(event)
      claimed.add(id)
      return former && formerOf(former as LoginEvent)
    },
  }
  return audit
}

const isFormer = (other: AuditEvent, { citizen, data }: LoginEvent): boolean =>
  other.kind === 'login' && other.citizen === citizen && other.data.session !== data.session

const formerOf = ({ at, data, relyingParty }: LoginEvent): FormerLogin => ({
  at,
  method: data.method,
  relyingParty: relyingParty.toUpperCase(),
})
