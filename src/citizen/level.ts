/** Level of assurance (eIDAS, Implementing Regulation 2015/1502), lowest first. */
export const loas = ['low', 'substantial', 'high'] as const
export type Loa = (typeof loas)[number]

/** How surely a citizen was registered; it bounds the level that a login reaches (clave-domain, "Level reached by a login"). */
export const registrationLevels = ['basic', 'advanced'] as const
export type RegistrationLevel = (typeof registrationLevels)[number]
export type RegistrationChannel = 'letter' | 'video' | 'certificate' | 'in_person' | 'pin24h'

/** The ways to prove who one is, as evidence names them. */
export const methodNames = ['pin', 'permanente', 'movil', 'certificate'] as const
export type MethodName = (typeof methodNames)[number]

/**
 * The levels that an agency takes as an answer, lowest first; never empty.
 * Both protocols come down to this: "minimum substantial" is [substantial, high], an essential acr of two values is those two.
 */
export type LevelsAsked = readonly [Loa, ...Loa[]]

export type Comparison = 'minimum' | 'exact' | 'better' | 'maximum'

/**
 * What each way of using a method reaches (clave-domain, "Level reached by a login"), by the citizen's registration.
 * A missing `unregistered`: nobody can use it without a registration.
 */
export const reachTable = {
  pin: { basic: 'low', advanced: 'substantial' },
  /** The device's key and the phone's own unlock proven. */
  movil: { basic: 'low', advanced: 'substantial' },
  'movil-without-unlock': { basic: 'low', advanced: 'low' },
  'permanente-password': { basic: 'low', advanced: 'low' },
  'permanente-password-and-code': { basic: 'low', advanced: 'substantial' },
  /** Qualified, its key outside a qualified device. */
  'certificate-software': { unregistered: 'substantial', basic: 'substantial', advanced: 'substantial' },
  /** DNIe, or a certificate whose key is in a qualified device (QSCD). */
  'certificate-qscd': { unregistered: 'high', basic: 'high', advanced: 'high' },
} as const satisfies Record<string, Partial<Record<RegistrationLevel | 'unregistered', Loa>>>

/** One way of using a method. */
export type MethodVariant = keyof typeof reachTable

const variantMethods = {
  pin: 'pin',
  movil: 'movil',
  'movil-without-unlock': 'movil',
  'permanente-password': 'permanente',
  'permanente-password-and-code': 'permanente',
  'certificate-software': 'certificate',
  'certificate-qscd': 'certificate',
} as const satisfies Record<MethodVariant, MethodName>

export const methodOfVariant = (variant: MethodVariant): MethodName => variantMethods[variant]

/** The level that this way of using a method reaches for a citizen registered so; nothing when it cannot be used. */
export function reach(variant: MethodVariant, registration: RegistrationLevel | undefined): Loa | undefined {
  const row: Partial<Record<RegistrationLevel | 'unregistered', Loa>> = reachTable[variant]
  return row[registration ?? 'unregistered']
}

const rank = (loa: Loa): number => loas.indexOf(loa)

const asked = (levels: readonly Loa[]): LevelsAsked | undefined => {
  const [lowest, ...others] = levels
  return lowest && [lowest, ...others]
}

/** What the agency is told: the highest level it asked for that was reached; nothing when none was. */
export function levelGranted(reached: Loa, levels: LevelsAsked): Loa | undefined {
  return levels.findLast((level) => rank(level) <= rank(reached))
}

/** The levels that a comparison with one level names (SAML 2.0 core, 3.3.2.2.1); nothing is better than high. */
export function levelsAsked(comparison: Comparison, loa: Loa): LevelsAsked | undefined {
  const named = {
    minimum: (level: Loa) => rank(level) >= rank(loa),
    exact: (level: Loa) => level === loa,
    better: (level: Loa) => rank(level) > rank(loa),
    maximum: (level: Loa) => rank(level) <= rank(loa),
  }
  return asked(loas.filter(named[comparison]))
}

/** Of the levels asked, those not below the least that the agency may be answered with; nothing when none is left. */
export function atLeast(levels: LevelsAsked, least: Loa): LevelsAsked | undefined {
  return asked(levels.filter((level) => rank(level) >= rank(least)))
}
