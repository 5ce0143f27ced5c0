import type { Loa, MethodName } from '../citizen/index.ts'
import { calendarDay, timeOfDay, type Locale, type Translate } from '../platform/index.ts'
import { makeSheet, sayPhone, type Sheet } from '../registration/index.ts'
import type { ActsParts } from './acts-parts.ts'
import type { CitizenData, EventData, LetterData } from './citizen-data.ts'

type Row = readonly [term: string, value: string]

interface Writing {
  readonly sheet: Sheet
  readonly t: Translate
  /** An instant (ISO 8601) as a day with its hour in mainland Spain. */
  readonly when: (at: string) => string
}

/** The same data as `gatherData` answers, to be read: a PDF of as many pages as it takes. */
export function makeDataSheet({ i18n }: Pick<ActsParts, 'i18n'>, data: CitizenData, locale: Locale): Promise<Buffer> {
  const t = i18n.translator(locale)
  const made = new Date(data.made)
  const title = t('account:download.sheet.title')
  const when = (at: string) => `${calendarDay(new Date(at), locale)}, ${timeOfDay(new Date(at), locale)}`
  return makeSheet({ title, locale, at: made }, (sheet) => {
    const writing: Writing = { sheet, t, when }
    sheet.heading(title)
    sheet.paragraph(t('account:download.sheet.intro', { at: when(data.made) }))
    writePerson(writing, data)
    writeRegistration(writing, data)
    writeMethods(writing, data)
    section(
      writing,
      t('account:download.sheet.letters'),
      data.letters.map((letter) => letterRow(writing, letter)),
    )
    section(writing, t('account:download.sheet.cases'), casesOf(writing, data))
    section(writing, t('account:download.sheet.sessions'), sessionsOf(writing, data))
    section(writing, t('account:download.sheet.security'), securityOf(writing, data))
    section(writing, t('account:download.sheet.messages'), messagesOf(writing, data))
    section(
      writing,
      t('account:download.sheet.events'),
      data.events.map((event) => eventRow(writing, event)),
    )
  })
}

function section({ sheet, t }: Writing, title: string, rows: readonly Row[]): void {
  sheet.subheading(title)
  if (rows.length > 0) sheet.facts(rows)
  else sheet.paragraph(t('account:download.sheet.none'))
}

function writePerson(writing: Writing, { person, contact }: CitizenData): void {
  const { t, when } = writing
  const { contrast } = person
  const none = t('account:download.sheet.none')
  section(writing, t('account:download.sheet.person'), [
    [t('account:download.sheet.givenName'), person.givenName],
    [t('account:download.sheet.surnames'), [person.firstSurname, person.secondSurname].filter(Boolean).join(' ')],
    [t('account:sheet.document'), person.document],
    ...(contrast
      ? [
          [
            t(`account:download.contrast.${contrast.kind}`),
            contrast.kind === 'support' ? contrast.number : contrast.date,
          ] as const,
        ]
      : []),
    [t('account:download.sheet.phone'), contact.phone === undefined ? none : sayPhone(contact.phone)],
    [t('account:download.sheet.email'), contact.email ?? none],
    ...(contact.emailProvenAt ? [[t('account:download.sheet.emailProven'), when(contact.emailProvenAt)] as const] : []),
    ...(contact.pendingEmail ? [pendingRow(writing, contact.pendingEmail)] : []),
    [
      t('account:download.sheet.language'),
      t(contact.language === 'en' ? 'platform:language.en' : 'platform:language.es'),
    ],
  ])
}

const pendingRow = (
  { t, when }: Writing,
  { address, until }: NonNullable<CitizenData['contact']['pendingEmail']>,
): Row => [
  t('account:download.sheet.emailPending'),
  t('account:download.sheet.emailPendingUntil', { address, at: when(until) }),
]

function writeRegistration(writing: Writing, { registration }: CitizenData): void {
  const { t, when } = writing
  const { level, channel, since, history } = registration
  section(writing, t('account:download.sheet.registration'), [
    [t('register:receipt.level'), t(`register:level.${level}`)],
    [t('register:receipt.channel'), t(`register:channel.${channel}`)],
    [t('account:download.sheet.since'), when(since)],
    ...history.map((event) => eventRow(writing, event)),
  ])
}

function writeMethods(writing: Writing, { methods, contact }: CitizenData): void {
  const { t, when } = writing
  const { permanente, authenticator, movil, activationCode: code, blocked } = methods
  const yesOrNo = (yes: boolean) => t(yes ? 'account:download.sheet.yes' : 'account:download.sheet.no')
  const password: readonly Row[] = permanente
    ? [
        [t('account:download.sheet.passwordSet'), when(permanente.set)],
        [t('account:download.sheet.passwordExpires'), when(permanente.expires)],
        [t('account:download.sheet.passwordBlocked'), yesOrNo(permanente.blocked)],
      ]
    : []
  const activation: readonly Row[] = code
    ? [
        [t('account:download.sheet.codeIssued'), when(code.issued)],
        [t('account:download.sheet.codeExpires'), when(code.expires)],
        [t('account:download.sheet.codeUsed'), code.used ? when(code.used) : yesOrNo(false)],
      ]
    : []
  section(writing, t('account:download.sheet.methods'), [
    [t('email:method.pin'), yesOrNo(contact.phone !== undefined)],
    [t('email:method.permanente'), yesOrNo(permanente !== undefined)],
    ...password,
    [t('account:download.sheet.authenticator'), yesOrNo(authenticator)],
    ...(movil ? [deviceRow(writing, movil)] : []),
    ...activation,
    ...blocked.map((method) => [t('account:download.sheet.blocked'), t(`email:method.${method}`)] as const),
  ])
}

const deviceRow = (
  { t, when }: Writing,
  { name, since, lastUsed }: NonNullable<CitizenData['methods']['movil']>,
): Row => [
  t('account:download.sheet.device'),
  sentences([
    `${name}.`,
    t('account:download.sheet.deviceSince', { at: when(since) }),
    lastUsed && t('account:download.sheet.lastUsed', { at: when(lastUsed) }),
  ]),
]

function letterRow({ t, when }: Writing, { asked, made, expires, reminded, used, ended }: LetterData): Row {
  const said = [
    made && t('account:download.sheet.letterMade', { at: when(made) }),
    expires && t('account:download.sheet.letterExpires', { at: when(expires) }),
    reminded && t('account:download.sheet.letterReminded', { at: when(reminded) }),
    used && t('account:download.sheet.letterUsed', { at: when(used) }),
    ended && t('account:download.sheet.letterEnded', { at: when(ended.at) }),
  ]
  return [t('account:download.sheet.letterAsked', { at: when(asked) }), sentences(said)]
}

const casesOf = ({ t, when }: Writing, { cases }: CitizenData): readonly Row[] =>
  cases.map(({ opened, event, method }) => [
    when(opened),
    sentences([
      t('account:download.sheet.caseOf', { number: event }),
      method && t('account:download.sheet.by', { method: t(`email:method.${method}`) }),
    ]),
  ])

const sessionsOf = ({ t, when }: Writing, { sessions }: CitizenData): readonly Row[] =>
  sessions.map(({ identified, method, lastUsed, agencies }) => [
    when(identified),
    sentences([
      t('account:download.sheet.by', { method: t(`email:method.${method}`) }),
      t('account:download.sheet.lastUsed', { at: when(lastUsed) }),
      t('account:download.sheet.at', { agencies: agencies.join(', ') }),
    ]),
  ])

const securityOf = ({ t, when }: Writing, { security }: CitizenData): readonly Row[] => [
  [t('account:download.sheet.knownBrowsers'), String(security.knownBrowsers)],
  ...security.failures.map(({ factor, knownBrowser, count, last, refusedUntil }): Row => {
    const said = [
      t('account:download.sheet.failureCount', { number: count }),
      t(knownBrowser ? 'account:download.sheet.failureKnown' : 'account:download.sheet.failureUnknown'),
      t('account:download.sheet.failureLast', { at: when(last) }),
      refusedUntil && t('account:download.sheet.failureUntil', { at: when(refusedUntil) }),
    ]
    return [t(`account:download.sheet.failures.${factor}`), sentences(said)]
  }),
]

const messagesOf = ({ t, when }: Writing, { messages }: CitizenData): readonly Row[] =>
  messages.map(({ channel, state, made, sent }) => [
    when(made),
    sentences([
      t(`account:download.sheet.channel.${channel}`),
      t(`account:download.sheet.state.${state}`),
      sent && t('account:download.sheet.sentAt', { at: when(sent) }),
    ]),
  ])

const loas: readonly unknown[] = ['low', 'substantial', 'high'] satisfies readonly Loa[]

function eventRow({ t, when }: Writing, { number, at, kind, agency, data }: EventData): Row {
  const text = (name: string) => (typeof data[name] === 'string' ? data[name] : undefined)
  const method = text('method') as MethodName | undefined
  const [address, to] = [text('address'), text('to')]
  // Of a registration's own level the words of its kind say enough.
  const level = loas.includes(data['level']) ? t(`account:level.${data['level'] as Loa}`) : undefined
  const said = [
    t(`account:download.event.${kind}`),
    agency && t('account:download.sheet.at', { agencies: agency }),
    method && t('account:download.sheet.by', { method: t(`email:method.${method}`) }),
    level && t('account:download.sheet.level', { level }),
    to && t('account:download.sheet.newOne', { to }),
    address && t('account:download.sheet.address', { address }),
    t('account:download.sheet.number', { number }),
  ]
  return [when(at), sentences(said)]
}

const sentences = (said: readonly (string | false | undefined)[]): string => said.filter(Boolean).join(' ')
