import { isRefusal, type Refusal } from '../../../refusal/index.ts'
import type { HashQueue } from '../hash-queue.ts'
import { normalPassword } from '../normal-password.ts'
import type { IsCommon } from './common-passwords.ts'
import { shapeOf, type Owner } from './password-rules.ts'

/** In the order in which the page lists them. */
export const ruleNames = ['length', 'classes', 'personal', 'common', 'other'] as const
export type RuleName = (typeof ruleNames)[number]

/** Of each rule whether the password keeps it; undefined: not looked at, since another is broken. */
export type Verdicts = Readonly<Record<RuleName, boolean | undefined>>

export interface JudgeParts {
  readonly isCommon: IsCommon
  readonly hashes: HashQueue
}

/**
 * What the rules say of a new password. `old`: the hash of the one there is, which it must not be: whoever guessed that, or
 * had it for two years, would have it on. BUSY-01 when it could not be compared in time.
 */
export async function judgePassword(
  parts: JudgeParts,
  typed: string,
  owner: Owner,
  old: string | undefined,
): Promise<Verdicts | Refusal> {
  const shape = shapeOf(typed, owner)
  const common = !(await parts.isCommon(typed))
  const verdicts = { ...shape, common, other: undefined }
  if (old === undefined || !isKept(verdicts)) return verdicts
  const same = await parts.hashes.verify(old, normalPassword(typed))
  return isRefusal(same) ? same : { ...verdicts, other: !same }
}

export const isKept = (verdicts: Verdicts): boolean => ruleNames.every((name) => verdicts[name] !== false)
