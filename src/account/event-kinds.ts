import { historyOf, type AuditEntry, type EventKind } from '../audit/index.ts'
import type { MethodName } from '../citizen/index.ts'
import type { AccountParts } from './parts.ts'

/**
 * What the citizen sees of each kind of event, and what "this was not me" blocks there: the method that the event names
 * (`own`); Cl@ve Permanente, whose password or app it was about; Cl@ve Móvil, on whose phone it was; or the method by which that browser had logged in before
 * (`login-before`). `shown`: nothing to be reported. `hidden`: it is nothing that happened to the citizen.
 */
const kinds = {
  login: 'own',
  'login-refused': 'shown',
  logout: 'shown',
  'session-ended': 'shown',
  'letter-asked': 'shown',
  'letter-made': 'hidden',
  'letter-redeemed': 'shown',
  'letter-killed': 'shown',
  registered: 'login-before',
  'registration-raised': 'login-before',
  renounced: 'shown',
  'pin24h-imported': 'hidden',
  'pin24h-migrated': 'login-before',
  'permanente-activated': 'permanente',
  'permanente-changed': 'permanente',
  'permanente-recovered': 'permanente',
  'permanente-blocked': 'shown',
  'permanente-unblocked': 'permanente',
  'permanente-expiry-warned': 'hidden',
  'totp-enrolled': 'permanente',
  'totp-removed': 'permanente',
  'activation-code-issued': 'login-before',
  'device-activated': 'movil',
  'device-ended': 'shown',
  'movil-denied': 'shown',
  'pin-shown': 'movil',
  'email-changed': 'login-before',
  'phone-changed': 'login-before',
  'phone-taken-over': 'login-before',
  'method-blocked': 'login-before',
  'method-unblocked': 'login-before',
  'case-opened': 'shown',
  'data-downloaded': 'login-before',
  'audit-shortened': 'hidden',
} as const satisfies Record<EventKind, 'own' | 'permanente' | 'movil' | 'login-before' | 'shown' | 'hidden'>

export const shownKinds = (Object.keys(kinds) as EventKind[]).filter((kind) => kinds[kind] !== 'hidden')

export const isReportable = ({ kind }: Pick<AuditEntry, 'kind'>): boolean => !['shown', 'hidden'].includes(kinds[kind])

/** Logins of one browser among which the one before an event is looked for. */
const looked = 50

/** The method that "this was not me" blocks for this event; undefined: none is known. */
export async function methodOf(
  { db }: Pick<AccountParts, 'db'>,
  citizen: string,
  event: AuditEntry,
): Promise<MethodName | undefined> {
  if (event.kind === 'login') return event.data.method
  const named = kinds[event.kind]
  if (named === 'permanente' || named === 'movil') return named
  const browser = 'browser' in event.data ? event.data.browser : undefined
  if (browser === undefined) return undefined
  const before = await historyOf(db, citizen, { from: new Date(0), most: looked, after: event, kinds: ['login'] })
  return before.flatMap((one) => (one.kind === 'login' && one.data.browser === browser ? [one.data.method] : []))[0]
}
