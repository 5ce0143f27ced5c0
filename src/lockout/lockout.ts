import type { Clock, Digest, Sql } from '../platform/index.ts'
import { failureTable, type Steps } from './failure-table.ts'
import { knownBrowserTable } from './known-browser-table.ts'
import type { Limits } from './limits.ts'
import type { Factor, Lockout } from './port.ts'
import { siteOf } from './site.ts'

export interface LockoutParts {
  readonly clock: Clock
  readonly digest: Digest
  readonly limits: Limits
}

/**
 * Failures counted in PostgreSQL (clave-domain, "Counting failures" and "Cl@ve Permanente").
 *
 * A row per document, factor and kind of browser. What a success forgets, and why no more:
 * - Only the factors it used: a right password says nothing of who guesses at one-time codes.
 * - Only the side its browser stood on. Were the other side forgotten too, each login that the owner makes at home would
 *   give a stranger who guesses from elsewhere five new tries and the short refusal again. A success on the unknown
 *   side does forget that side: whoever got in there was not refused, made its typing errors there, and is known from then on.
 * - Nothing when a refusal began meanwhile: guesses sent at once all pass `standing`, but only the first few are heard.
 * A new code or PIN never touches the counts, and time alone forgets them only after `limits.failureMemory`.
 *
 * On the known side the first round of wrong passwords blocks the password (whose owner sets a new one); the rounds after
 * it refuse, so that a blocked password cannot be guessed at without end to learn whether it is right. The new one begins
 * without them (`replaced`): what is left of the former's rounds would refuse its owner at home, and keep the new one from
 * ever being blocked. The unknown side goes on as it was, for the reason above: strangers would get five new tries and the
 * short refusal at each recovery. Its owner does not need it: the browser that set the password is known.
 */
export function makeLockout({ clock, digest, limits }: LockoutParts): Lockout {
  const subjectOf = (document: string) => subject(digest, document)
  /** Whose failures refuse at the registration: those of this network, and of all. */
  const registering = (document: string, address: string) => ({
    network: digest('lockout-network', document, siteOf(address)),
    everywhere: digest('lockout-register', document),
  })
  return {
    async standing(sql, document, browser, factors) {
      const row = await knownBrowserTable.standing(sql, subjectOf(document), browser, factors, clock.now())
      return { known: row.known, refusedUntil: row.refused_until ?? undefined }
    },
    async failed(sql, factor, document, known) {
      const now = clock.now()
      const steps = stepsOf(limits, factor, known)
      const row = await failureTable.count(sql, subjectOf(document), factor, known, now, steps)
      const within = row.failures % steps.each
      return {
        failures: row.failures,
        left: within === 0 ? 0 : steps.each - within,
        refusedUntil: row.refused_until && row.refused_until > now ? row.refused_until : undefined,
        blocked: within === 0 && row.failures === steps.each * steps.freeRounds,
      }
    },
    async standingToRegister(sql, document, browser, address) {
      const { network, everywhere } = registering(document, address)
      const asked = [subjectOf(document), browser, [network, everywhere], clock.now()] as const
      const row = await knownBrowserTable.standingToRegister(sql, ...asked)
      return { known: row.known, refusedUntil: row.refused_until ?? undefined }
    },
    async failedToRegister(sql, document, known, address) {
      if (known) return this.failed(sql, 'contrast', document, known)
      const now = clock.now()
      const { network, everywhere } = registering(document, address)
      const { contrastFailures: few, registerFailures: many } = limits
      const sides = {
        refusing: [network, everywhere],
        each: [few, many],
        beside: [subjectOf(document)],
        eachBeside: [few],
      }
      const until = await failureTable.countSides(sql, sides, now, stepsOf(limits, 'contrast', false))
      return { refusedUntil: until && until > now ? until : undefined }
    },
    completed(sql, document, browser, known, factors) {
      return knownBrowserTable.complete(sql, this.completion(document, browser, known, factors))
    },
    completion: (document, browser, known, factors) => [subjectOf(document), browser, factors, known, clock.now()],
    replaced: (sql, factor, document) => failureTable.forgetKnown(sql, subjectOf(document), factor),
  }
}

const subject = (digest: Digest, document: string): string => digest('lockout', document)

/** What is kept of a document: for whom it is of, who may ask for all that is. */
export interface KeptOfDocument {
  /** Browsers that completed a login. */
  readonly knownBrowsers: number
  /** Wrong tries since the last success, as far back as they are kept. */
  readonly failures: readonly {
    readonly factor: Factor
    /** Whether in browsers that completed a login. */
    readonly known: boolean
    readonly count: number
    readonly last: Date
    readonly refusedUntil: Date | undefined
  }[]
}

export async function keptOfDocument(
  sql: Sql,
  { digest }: Pick<LockoutParts, 'digest'>,
  document: string,
): Promise<KeptOfDocument> {
  const of = subject(digest, document)
  const [knownBrowsers, rows] = await Promise.all([knownBrowserTable.count(sql, of), failureTable.ofSubject(sql, of)])
  const failures = rows.map(({ factor, known, failures, last_at, refused_until }) => ({
    ...{ factor, known, count: failures, last: last_at, refusedUntil: refused_until ?? undefined },
  }))
  return { knownBrowsers, failures }
}

function stepsOf(limits: Limits, factor: Factor, known: boolean): Steps {
  const each = { contrast: limits.contrastFailures, password: limits.passwordFailures, code: limits.codeFailures }[
    factor
  ]
  const freeRounds = factor === 'password' && known ? 1 : 0
  return { each, freeRounds, first: limits.refusalFirst, longest: limits.refusalLongest }
}

/** Forgets failures and browsers of long ago (`limits.failureMemory`, `limits.knownBrowserMemory`): the worker's, once a day. */
export async function sweepLockout(sql: Sql, { clock, limits }: Pick<LockoutParts, 'clock' | 'limits'>): Promise<void> {
  await failureTable.sweep(sql, clock.in(-limits.failureMemory), clock.now())
  await knownBrowserTable.sweep(sql, clock.in(-limits.knownBrowserMemory))
}
