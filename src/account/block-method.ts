import { noteEvent } from '../audit/index.ts'
import { changeBlockedMethods, citizensIn, type MethodName } from '../citizen/index.ts'
import { layNews } from './lay-news.ts'
import type { Tx } from '../platform/index.ts'
import type { Caller, Turn } from './page.ts'
import type { AccountParts } from './parts.ts'
import type { Consequence } from './standing.ts'

/**
 * What a citizen cannot undo here needs more than the session: whoever got hold of a password alone would else lock its
 * owner out for good.
 */
export const mayBlock = async (turn: Turn, consequence: Consequence): Promise<boolean> =>
  consequence === 'nothing' || turn.isSure()

type BlockParts = Pick<AccountParts, 'db' | 'clock' | 'random' | 'messages'>

/** Whether a change was made; `otherwise`: the citizen's methods are not what the caller decided on any more. */
interface Change {
  readonly citizen: string
  readonly method: MethodName
  readonly blocked: boolean
  readonly decidedOn: readonly MethodName[]
}

type Changed = 'changed' | 'as-it-was' | 'otherwise'

/**
 * Blocks a method for the citizen, or lifts that: it holds from the next request on, at every agency and in every session.
 * Told to the audit and by e-mail. `decidedOn`: the blocked methods as they were when the caller decided; where they are
 * not that any more, nothing happens.
 */
export const changeBlock = (parts: BlockParts, one: Change, caller: Caller): Promise<Changed> =>
  parts.db.transaction((tx) => changeBlockIn(tx, parts, one, caller))

/** `changeBlock` as a part of a transaction. */
export async function changeBlockIn(
  tx: Tx,
  parts: Omit<BlockParts, 'db'>,
  one: Change,
  caller: Caller,
): Promise<Changed> {
  const { citizen, method, blocked, decidedOn } = one
  if (decidedOn.includes(method) === blocked) return 'as-it-was'
  const next = blocked ? [...decidedOn, method] : decidedOn.filter((other) => other !== method)
  const at = parts.clock.now()
  if (!(await changeBlockedMethods(tx, citizen, { former: decidedOn, next }, at))) return 'otherwise'
  const { browser, address } = caller
  const kind = blocked ? 'method-blocked' : 'method-unblocked'
  await noteEvent(tx, { kind, at, citizen, data: { method, browser, address } })
  const person = await citizensIn(tx, parts.clock).find(citizen)
  if (person) await layNews(tx, parts, person, kind === 'method-blocked' ? { kind, method } : { kind, method, at })
  return 'changed'
}
