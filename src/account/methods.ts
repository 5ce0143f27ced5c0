import { Type } from 'typebox'
import { methodNames, type Citizen, type MethodName } from '../citizen/index.ts'
import type { Session } from '../login/index.ts'
import { changeBlock, mayBlock } from './block-method.ts'
import { endSessions } from './end-sessions.ts'
import type { Answer, Form, Page, Turn } from './page.ts'
import type { AccountParts } from './parts.ts'
import { anyProvesAgain, consequenceOf, standingsOf, type Consequence } from './standing.ts'

const list = '/methods'
const blockPath = '/methods/block/:method'
const liftPath = '/methods/lift/:method'

/** The methods, blocking one for oneself, and lifting that. */
export function methodPages(parts: AccountParts): { readonly pages: readonly Page[]; readonly forms: readonly Form[] } {
  return {
    pages: [listPage(parts), blockPage(parts), liftPage(parts)],
    forms: [blockForm(parts), liftForm(parts)],
  }
}

const listPage = (parts: AccountParts): Page => ({
  path: list,
  template: 'account/views/methods.njk',
  surety: 'session',
  nav: 'methods',
  async show({ citizen }) {
    const standings = await standingsOf(parts, citizen)
    const liftable = await anyProvesAgain(parts, citizen, standings)
    return {
      model: {
        liftable,
        methods: standings.map(({ method, best, refused }) => ({
          name: method,
          best,
          refused,
          blocked: citizen.blockedMethods.includes(method),
        })),
      },
    }
  },
})

const blockPage = (parts: AccountParts): Page => ({
  path: blockPath,
  template: 'account/views/block.njk',
  surety: 'session',
  async show(turn) {
    const method = methodIn(parts, turn)
    if (!method || turn.citizen.blockedMethods.includes(method)) return { instead: list }
    const consequence = await consequenceOf(parts, turn.citizen, method)
    if (!(await mayBlock(turn, consequence))) return { ask: 'again' }
    return { model: { method, consequence, leaves: restsOn(turn.session, method) } }
  },
})

const blockForm = (parts: AccountParts): Form => ({
  path: blockPath,
  page: blockPath,
  /** What the citizen was told of the consequence. */
  form: Type.Object({ consequence: Type.Optional(Type.String({ maxLength: 20 })) }),
  submit: (turn, typed) => block(parts, turn, (typed as { consequence?: string }).consequence),
})

const gravity: readonly Consequence[] = ['nothing', 'for-good', 'no-way-in']

/**
 * Blocks, unless it would cost the citizen more than the page had said: another tab may have blocked another method since.
 * Sessions that rest on the method alone end.
 */
async function block(parts: AccountParts, turn: Turn, told: string | undefined): Promise<Answer> {
  const method = methodIn(parts, turn)
  if (!method) return { to: list }
  const decided = await decide(parts, turn, method, told)
  if (decided === 'unsure') return { ask: 'again' }
  if (decided === 'more-than-told') return { again: [{ field: '', text: 'account:methods.changed' }], status: 409 }
  const about = { citizen: turn.citizen.id, address: turn.caller.address }
  // Blocked before, too: that request may have been killed before it ended them, and lifting the block would revive them.
  await endSessions(parts, about, 'blocked', (session) => restsOn(session, method))
  if (decided === 'as-it-was') return { to: list }
  if (!restsOn(turn.session, method)) return { to: list, told: `blocked.${method}` }
  return { page: 'account/views/blocked.njk', model: { method }, leave: true }
}

async function decide(
  parts: AccountParts,
  turn: Turn,
  method: MethodName,
  told: string | undefined,
): Promise<'changed' | 'as-it-was' | 'more-than-told' | 'unsure'> {
  let citizen: Citizen | undefined = turn.citizen
  while (citizen?.registration) {
    if (citizen.blockedMethods.includes(method)) break
    const consequence = await consequenceOf(parts, citizen, method)
    if (!(await mayBlock(turn, consequence))) return 'unsure'
    if (gravity.indexOf(consequence) > gravity.findIndex((one) => one === told)) return 'more-than-told'
    const one = { citizen: citizen.id, method, blocked: true, decidedOn: citizen.blockedMethods }
    const changed = await changeBlock(parts, one, turn.caller)
    if (changed !== 'otherwise') return changed
    // Another tab was faster: what it did is weighed as well.
    citizen = await parts.citizens.find(citizen.id)
  }
  return 'as-it-was'
}

const liftPage = (parts: AccountParts): Page => ({
  path: liftPath,
  template: 'account/views/lift.njk',
  surety: 'again',
  async show(turn) {
    const method = methodIn(parts, turn)
    return method && turn.citizen.blockedMethods.includes(method) ? { model: { method } } : { instead: list }
  },
})

/** A second factor was shown just now, by a method that is not blocked: no other lets anybody in. */
const liftForm = (parts: AccountParts): Form => ({
  path: liftPath,
  page: liftPath,
  async submit(turn) {
    const method = methodIn(parts, turn)
    return method && (await lift(parts, turn, method)) ? { to: list, told: `lifted.${method}` } : { to: list }
  },
})

/** Whatever another tab does to the blocks at the same time; false: it was lifted already. */
async function lift(parts: AccountParts, turn: Turn, method: MethodName): Promise<boolean> {
  let citizen: Citizen | undefined = turn.citizen
  while (citizen?.registration) {
    const one = { citizen: citizen.id, method, blocked: false, decidedOn: citizen.blockedMethods }
    const changed = await changeBlock(parts, one, turn.caller)
    if (changed !== 'otherwise') return changed === 'changed'
    citizen = await parts.citizens.find(citizen.id)
  }
  return false
}

/** The method that the address names, where somebody can use it. */
function methodIn({ methods }: AccountParts, { params }: Turn): MethodName | undefined {
  const name = methodNames.find((one) => one === params['method'])
  return methods.some((method) => method.name === name) ? name : undefined
}

/** Whether nothing would be left of this session without the method. */
export const restsOn = ({ proofs }: Session, method: MethodName): boolean =>
  proofs.every((proof) => proof.method === method)
