import { isRefusal } from '../refusal/index.ts'
import type { Turn } from './page.ts'
import type { LoginParts } from './parts.ts'
import type { At } from './record.ts'
import { loginOf } from './step-page.ts'

/**
 * The login moved on from a method's page: unless it ended in its proof, the method hears that the citizen left it, so that
 * what it asked elsewhere is asked no more. The method may be begun afresh by that, or go on with what it asked since.
 */
export async function leaveMethod(parts: LoginParts, turn: Turn, to: At): Promise<void> {
  const { at } = turn.login
  if (at.page !== 'step') return
  const method = parts.methods.find(({ steps }) => steps.some(({ name }) => name === at.step))
  const proven = to.page === 'done' && !isRefusal(to.outcome)
  if (!proven) await method?.leave?.(loginOf(parts, turn), at.step, at.data)
}
