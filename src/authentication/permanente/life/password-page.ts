import { Type, type Static } from 'typebox'
import { atOf } from '../../../platform/index.ts'
import type { Problem } from '../../method.ts'
import { sayAgain } from '../../say-again.ts'
import { longestPassword } from '../normal-password.ts'
import { ruleNames, type Verdicts } from './judge-password.ts'
import { callerIn, type Answer, type Page, type Turn } from './page.ts'
import type { LifeParts } from './parts.ts'
import { classesNeeded, longPassword, shortestPassword } from './password-rules.ts'
import { setPassword } from './set-password.ts'

const form = Type.Object({
  password: Type.String({ maxLength: 2_000 }),
  /** For the browser's password manager only. */
  document: Type.Optional(Type.String({ maxLength: 100 })),
})

export function passwordPage(parts: LifeParts): Page {
  return {
    name: 'password',
    path: '/password',
    template: 'authentication/permanente/life/views/password.njk',
    states: ['password'],
    leadsTo: ['done', 'ended'],
    form,
    show: async (turn) => {
      const { kind } = turn.journey
      return { model: { kind, document: atOf(turn, 'password').who.document, ...rulesModel(kind === 'recover') } }
    },
    submit: (turn, typed) => enter(parts, turn, (typed as Static<typeof form>).password),
  }
}

async function enter(parts: LifeParts, turn: Turn, typed: string): Promise<Answer> {
  if (typed === '') return { again: [{ field: 'password', text: 'permanente:password.empty' }] }
  const answer = await setPassword(parts, turn.journey, atOf(turn, 'password'), callerIn(turn), typed)
  if (answer === 'gone') return { to: { page: 'ended', why: 'gone' } }
  if (answer === 'activation-dead') return { to: { page: 'ended', why: 'activation-dead' } }
  if (answer === 'set') return { to: { page: 'done' } }
  if ('broken' in answer) {
    const { broken } = answer
    const other = turn.journey.kind === 'recover' || broken.other !== undefined
    return { again: problemsOf(broken), model: rulesModel(other, broken) }
  }
  return sayAgain(answer)
}

/** One problem says how many; the list below the field says which. */
export function problemsOf(verdicts: Verdicts): readonly Problem[] {
  const broken = ruleNames.filter((name) => verdicts[name] === false)
  const [only] = broken
  if (broken.length === 1 && only)
    return [{ field: 'password', text: `permanente:rules.broken.${only}`, details: numbers }]
  return [{ field: 'password', text: 'permanente:rules.broken.several', details: { count: broken.length } }]
}

const numbers = { least: shortestPassword, most: longestPassword, long: longPassword, classes: classesNeeded }

/** What the list of rules needs; `other`: the citizen may have had a password before. */
export const rulesModel = (other: boolean, verdicts?: Verdicts) => ({
  numbers,
  rules: ruleNames
    .filter((name) => name !== 'other' || other)
    .map((name) => ({ name, kept: verdicts?.[name], live: name === 'length' || name === 'classes' })),
})
