import { historyOf, type AuditEntry } from '../audit/index.ts'
import { findDeviceOf } from '../authentication/index.ts'
import type { Citizen, Contrast } from '../citizen/index.ts'
import { keptOfDocument, type KeptOfDocument } from '../lockout/index.ts'
import type { Session } from '../login/index.ts'
import { messagesOf } from '../messaging/index.ts'
import { activationCodeOf, lettersOf } from '../registration/index.ts'
import type { ActsParts } from './acts-parts.ts'
import { caseTable, type Case } from './case-table.ts'
import type { CitizenData, EventData, FailureData, LetterData, SessionData } from './citizen-data.ts'
import { agencyNames } from './names.ts'
import { pendingEmail, type Proving } from './prove-email.ts'

type Parts = Pick<
  ActsParts,
  'digest' | 'envelope' | 'db' | 'clock' | 'limits' | 'citizens' | 'permanente' | 'login' | 'relyingParties'
>

const day = 86_400
const twoYears = 2 * 365 * day

/** Puts it together as it stands now. */
export async function gatherData(parts: Parts, citizen: Citizen): Promise<CitizenData> {
  const [record, methods, letters, cases, sessions, entries, pending, kept, messages] = await Promise.all([
    parts.citizens.byDocument(citizen.document),
    methodsOf(parts, citizen),
    lettersOf(parts.db, citizen.document),
    caseTable.ofCitizen(parts.db, citizen.id),
    parts.login.sessionsOf(citizen.id),
    eventsOf(parts, citizen.id),
    pendingEmail(parts, citizen.id),
    keptOfDocument(parts.db, parts, citizen.document),
    messagesOf(parts.db, citizen.id),
  ])
  const reached = sessions.flatMap((session) => Object.keys(session.reached))
  const agencies = entries.flatMap(({ relyingParty }) => relyingParty ?? [])
  const names = await agencyNames(parts, [...reached, ...agencies])
  const events = entries.map((entry) => eventData(entry, names))
  return {
    format: 'clave-citizen-data',
    version: 1,
    made: parts.clock.now().toISOString(),
    person: personData(citizen, record?.contrast),
    contact: contactData(citizen, pending),
    registration: registrationData(citizen, events),
    methods,
    letters: letters.map(letterData),
    cases: cases.map(caseData),
    sessions: sessions.map((session) => sessionData(session, names)),
    security: { knownBrowsers: kept.knownBrowsers, failures: kept.failures.map(failureData) },
    messages: messages.map(({ channel, state, made, sent }) => ({ channel, state, ...instants({ made, sent }) })),
    events,
  }
}

const letterData = ({ killed, ...letter }: Awaited<ReturnType<typeof lettersOf>>[number]): LetterData => ({
  ...instants({ ...letter }),
  ...(killed && { ended: { at: killed.at.toISOString(), why: killed.why } }),
})

const caseData = ({ opened, event, method }: Case & { readonly event: number }): CitizenData['cases'][number] => ({
  opened: opened.toISOString(),
  event,
  ...(method && { method }),
})

const failureData = ({ factor, known, count, ...at }: KeptOfDocument['failures'][number]): FailureData => ({
  factor,
  knownBrowser: known,
  count,
  ...instants({ last: at.last, refusedUntil: at.refusedUntil }),
})

const pageLength = 500

async function eventsOf({ db, clock }: Parts, citizen: string): Promise<readonly AuditEntry[]> {
  const from = clock.in(-twoYears)
  const all: AuditEntry[] = []
  for (;;) {
    const after = all.at(-1)
    const page = await historyOf(db, citizen, { from, most: pageLength, ...(after && { after }) })
    all.push(...page)
    if (page.length < pageLength) return all
  }
}

async function methodsOf(parts: Parts, { id, blockedMethods }: Citizen): Promise<CitizenData['methods']> {
  const [password, authenticator, code, device] = await Promise.all([
    parts.permanente.passwordOf(id),
    parts.permanente.hasAuthenticator(id),
    activationCodeOf(parts.db, parts, id),
    findDeviceOf(parts.db, id),
  ])
  return {
    ...(password && {
      permanente: {
        set: password.set.toISOString(),
        expires: password.expires.toISOString(),
        blocked: password.blocked,
      },
    }),
    authenticator,
    ...(device && {
      movil: { name: device.name, ...instants({ since: device.activatedAt, lastUsed: device.lastUsedAt }) },
    }),
    ...(code && { activationCode: instants({ issued: code.issued, expires: code.expires, used: code.used }) }),
    blocked: blockedMethods,
  }
}

const personData = ({ document, kind, name }: Citizen, contrast: Contrast | undefined): CitizenData['person'] => ({
  document,
  documentKind: kind,
  givenName: name.given,
  firstSurname: name.firstSurname,
  ...(name.secondSurname !== undefined && { secondSurname: name.secondSurname }),
  ...(contrast && { contrast }),
})

const contactData = (
  { phone, email, emailProvenAt, locale }: Citizen,
  pending: Proving | undefined,
): CitizenData['contact'] => ({
  ...(phone !== undefined && { phone }),
  ...(email !== undefined && { email }),
  ...(emailProvenAt && { emailProvenAt: emailProvenAt.toISOString() }),
  ...(pending && { pendingEmail: { address: pending.address, until: pending.until.toISOString() } }),
  language: locale,
})

const historyKinds: readonly string[] = [
  ...['registered', 'registration-raised', 'renounced', 'pin24h-imported', 'pin24h-migrated'],
  ...['phone-changed', 'phone-taken-over', 'email-changed'],
]

function registrationData({ registration }: Citizen, events: readonly EventData[]): CitizenData['registration'] {
  if (!registration) throw new Error('gatherData: whoever is let in has a registration')
  const { level, channel, at } = registration
  const history = events.filter(({ kind }) => historyKinds.includes(kind)).toReversed()
  return { level, channel, since: at.toISOString(), history }
}

function sessionData({ proofs, seen, reached }: Session, names: ReadonlyMap<string, string>): SessionData {
  const [{ at, method }] = proofs
  const agencies = Object.keys(reached).map((id) => names.get(id) ?? id)
  return { identified: new Date(at).toISOString(), method, lastUsed: new Date(seen).toISOString(), agencies }
}

function eventData({ id, at, kind, relyingParty, data }: AuditEntry, names: ReadonlyMap<string, string>): EventData {
  const agency = relyingParty === undefined ? undefined : (names.get(relyingParty) ?? relyingParty)
  return { number: id, at: at.toISOString(), kind, ...(agency !== undefined && { agency }), data }
}

type Needed<Dates> = { [Name in keyof Dates]: undefined extends Dates[Name] ? never : Name }[keyof Dates]
type Instants<Dates> = { readonly [Name in Needed<Dates>]: string } & {
  readonly [Name in Exclude<keyof Dates, Needed<Dates>>]?: string
}

/** Dates as texts; those that there are not are left out. */
const instants = <Dates extends Readonly<Record<string, Date | undefined>>>(dates: Dates): Instants<Dates> =>
  Object.fromEntries(
    Object.entries(dates).flatMap(([name, date]) => (date ? [[name, date.toISOString()]] : [])),
  ) as Instants<Dates>
