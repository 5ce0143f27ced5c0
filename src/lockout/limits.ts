/** How a limit's number is counted. */
export type Unit = 's' | 'ms' | 'count'

export interface Limit {
  readonly value: number
  readonly unit: Unit
  /** What an installation may set instead. */
  readonly least: number
  readonly most: number
  /** What it means. */
  readonly what: string
  /** Where it comes from: a line of the domain's rules, (F) found at the real system or (P) our policy, or a standard. */
  readonly source: string
}

const minute = 60
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

const limit =
  (unit: Unit) =>
  (value: number, least: number, most: number, what: string, source: string): Limit => ({
    value,
    unit,
    least,
    most,
    what,
    source,
  })
const seconds = limit('s')
const milliseconds = limit('ms')
const count = limit('count')

const lifetimes = 'domain, "Lifetimes" (P)'
const counting = 'domain, "Counting failures" (P)'
const pinRules = 'domain, "Methods", Cl@ve PIN'
const registering = 'domain, "Registering" (P)'
const permanenteRules = 'domain, "Methods", Cl@ve Permanente'

/** Every lifetime and every "how often" of the service: `limits.pinLifetime` and docs/limits.md come from this table. */
export const limitTable = {
  loginLifetime: seconds(20 * minute, minute, day, 'A login, and what "I need more time" gives anew.', lifetimes),
  loginLongest: seconds(60 * minute, minute, day, 'A login, however often it was extended.', lifetimes),
  interactionLifetime: seconds(
    90 * minute,
    minute,
    day,
    "The protocol's own transaction: so long can an expired login still be answered to the agency.",
    lifetimes,
  ),
  sessionIdle: seconds(15 * minute, minute, day, 'A gateway session that nobody uses.', lifetimes),
  sessionLongest: seconds(60 * minute, minute, day, 'A gateway session, however much it is used.', lifetimes),
  accountRecent: seconds(
    5 * minute,
    minute,
    hour,
    'In Mi Cl@ve, what touches the identity itself asks for a proof no older than this.',
    'ours (P)',
  ),
  authorizationCodeLifetime: seconds(60, 10, 600, 'An authorization code of OIDC.', `${lifetimes}; RFC 6749, 4.1.2`),
  accessTokenLifetime: seconds(10 * minute, minute, hour, 'An access token of OIDC.', lifetimes),

  pinLifetime: seconds(10 * minute, minute, hour, 'A PIN sent by SMS.', 'domain, "Lifetimes" (F)'),
  pinDigits: count(6, 6, 10, 'Digits of a PIN.', lifetimes),
  pinTries: count(3, 1, 10, 'Wrong PINs that kill it.', `${pinRules} (P)`),
  pinsPerHour: count(5, 1, 100, 'PINs that one citizen gets in any hour.', `${pinRules} (P)`),
  codeLifetime: seconds(
    10 * minute,
    minute,
    hour,
    'Another one-time code sent by SMS; it cannot be extended.',
    lifetimes,
  ),
  codeDigits: count(6, 6, 10, 'Digits of such a code.', lifetimes),
  codeTries: count(3, 1, 10, 'Wrong codes that kill it.', lifetimes),
  codesPerHour: count(5, 1, 100, 'Such codes that one citizen gets in any hour.', `as ${pinRules} (P)`),

  emailCodesPerHour: count(
    5,
    1,
    100,
    'Codes to a new e-mail address that one citizen gets in any hour; logins have theirs apart.',
    `as ${pinRules} (P)`,
  ),

  movilLifetime: seconds(5 * minute, 30, 20 * minute, 'A request of Cl@ve Móvil.', 'domain, "Lifetimes" (F)'),
  movilQrLifetime: seconds(
    30,
    10,
    300,
    'The QR of a request is drawn anew so often; the one before still counts.',
    lifetimes,
  ),
  movilFallback: seconds(
    minute,
    0,
    5 * minute,
    'So long nothing was confirmed in the app, and an SMS with a PIN is offered.',
    'domain, "Methods", Cl@ve Móvil (F)',
  ),
  movilRequests: count(
    3,
    1,
    100,
    'Requests without scanning that one citizen gets in 10 minutes.',
    'domain, "Methods", Cl@ve Móvil; ours (P)',
  ),

  passwordLifetime: seconds(2 * year, day, 20 * year, 'A password of Cl@ve Permanente.', `${permanenteRules} (F)`),
  passwordWarning: seconds(
    30 * day,
    0,
    year,
    'So long before its end the citizen is warned.',
    `${permanenteRules} (F)`,
  ),
  hashQueueLength: count(
    64,
    1,
    10_000,
    'Passwords that wait to be checked, beyond those being checked; more are told that the service is busy.',
    'ours (P)',
  ),
  hashQueueDeadline: milliseconds(
    3_000,
    100,
    30_000,
    'How long a password waits to be checked before the citizen is told that the service is busy.',
    'ours (P)',
  ),

  letterLifetime: seconds(60 * day, day, year, 'An invitation letter, from the day on it.', registering),
  lettersPerQuarter: count(3, 1, 100, 'Letters that one person gets in any quarter (90 days).', registering),
  letterReminder: seconds(
    30 * day,
    day,
    year,
    'A letter still unused so long after it was made: its person is reminded, where an e-mail address is known.',
    'ours (P)',
  ),
  csvTries: count(5, 1, 100, 'Wrong CSVs that kill a letter.', registering),
  activationCodeLifetime: seconds(year, day, 20 * year, 'An activation code.', lifetimes),
  activationCodeTries: count(5, 1, 100, 'Wrong activation codes that kill it.', `${permanenteRules} (P)`),

  contrastFailures: count(
    5,
    2,
    100,
    'Wrong contrasts of one document, from one kind of browser, that begin a refusal.',
    `as ${permanenteRules} (P)`,
  ),
  registerFailures: count(
    25,
    2,
    10_000,
    'Wrong contrasts of one document at the registration, from all networks together, that begin a refusal there; from one network `contrastFailures` do.',
    'ours (P)',
  ),
  passwordFailures: count(
    5,
    2,
    100,
    'Wrong passwords that begin a refusal of unknown browsers, or, from known ones, block the password.',
    `${permanenteRules} (F)`,
  ),
  codeFailures: count(
    9,
    2,
    100,
    'Wrong PINs and one-time codes of one document, over all its codes (three dead codes), that begin a refusal.',
    counting,
  ),
  refusalFirst: seconds(
    15 * minute,
    minute,
    day,
    'The first refusal; each further one lasts twice as long.',
    `${permanenteRules} (P)`,
  ),
  refusalLongest: seconds(day, minute, 30 * day, 'A refusal at most.', `${permanenteRules} (P)`),
  failureMemory: seconds(year, day, 20 * year, 'Failures are forgotten so long after the last one.', 'ours (P)'),
  knownBrowserMemory: seconds(
    2 * year,
    day,
    20 * year,
    'A browser is forgotten so long after its last login of the citizen.',
    'ours (P)',
  ),

  slowWindow: seconds(
    10 * minute,
    10,
    day,
    'Window in which failures are counted per address, per agency and over all.',
    counting,
  ),
  addressFailures: count(
    50,
    1,
    1_000_000_000,
    'Failures from one address (IPv6: one /64) in a window before it is slowed down.',
    counting,
  ),
  agencyFailures: count(
    1_000,
    1,
    1_000_000_000,
    'Failures at one agency in a window before its logins are slowed down.',
    counting,
  ),
  overallFailures: count(
    5_000,
    1,
    1_000_000_000,
    'Failures in all in a window before every login is slowed down.',
    counting,
  ),
  slowStep: milliseconds(100, 1, 10_000, 'How much longer a try is held for each failure beyond the limit.', counting),
  slowLongest: milliseconds(3_000, 0, 30_000, 'How long a try is held at most.', counting),

  registerWait: milliseconds(
    500,
    10,
    10_000,
    'How long a login or a registration waits for the civil register.',
    'domain, "Registering" (P)',
  ),
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof limitTable
export type Limits = Readonly<Record<LimitName, number>>

const names = Object.keys(limitTable) as LimitName[]

/** The limits with nothing set otherwise; times in seconds or milliseconds, as the table says. */
export const defaultLimits: Limits = numbers((name) => limitTable[name].value)

/** One limit must not pass another. */
const inOrder = [
  ['loginLifetime', 'loginLongest'],
  ['loginLongest', 'interactionLifetime'],
  ['sessionIdle', 'sessionLongest'],
  ['refusalFirst', 'refusalLongest'],
  ['passwordWarning', 'passwordLifetime'],
  ['letterReminder', 'letterLifetime'],
] as const satisfies readonly (readonly [LimitName, LimitName])[]

/** LIMIT_PIN_LIFETIME for pinLifetime. */
export const limitVariable = (name: LimitName): string => `LIMIT_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`

/**
 * The limits of an installation that sets some otherwise (`{ pinLifetime: 300 }`), or what is wrong with what it sets:
 * one line each, named as in the environment.
 */
export function limitsFrom(
  overrides: Readonly<Partial<Record<string, number>>>,
): Limits | { readonly problems: readonly string[] } {
  const limits = numbers((name) => overrides[name] ?? limitTable[name].value)
  const unfit = names.filter((name) => {
    const { least, most } = limitTable[name]
    return !Number.isInteger(limits[name]) || limits[name] < least || limits[name] > most
  })
  const problems = [
    ...unfit.map(
      (name) =>
        `${limitVariable(name)}: wrong; expected a whole number from ${limitTable[name].least} to ${limitTable[name].most}`,
    ),
    ...inOrder
      .filter(([lower, upper]) => limits[lower] > limits[upper])
      .map(
        ([lower, upper]) =>
          `${limitVariable(lower)}: wrong; expected at most ${limitVariable(upper)} (${limits[upper]})`,
      ),
    ...Object.keys(overrides)
      .filter((name) => !(name in limitTable))
      .map((name) => `${name}: no such limit; expected one of docs/limits.md`),
  ]
  return problems.length > 0 ? { problems } : limits
}

function numbers(of: (name: LimitName) => number): Limits {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Limits
}
