import type { Citizen } from '../../citizen/index.ts'
import { isRefusal, refusal, type Refusal } from '../../refusal/index.ts'
import type { Login } from '../method.ts'
import { notHeard } from '../recognise.ts'
import { isOutdated } from './hash-queue.ts'
import type { PermanenteParts } from './parts.ts'
import { tellOf } from './tell.ts'
import {
  blockAndTellPassword,
  findPasswordOfDocument,
  renewHashOf,
  type Password,
  type Told,
} from './password-table.ts'

export interface Checked {
  readonly citizen: Citizen
  readonly password: Password
  readonly known: boolean
}

/**
 * Whose password this is, or why not. Until it is right, the same statements and one hash run in the same order whether
 * the document is unknown, unregistered, without a password, blocked or good; where there is no hash, a dummy of the same
 * cost is verified (ENS op.acc.5.7; clave-domain, "Never"). While a document is refused for its failures, nothing is.
 */
export async function checkPassword(
  parts: PermanenteParts,
  login: Login,
  document: string,
  typed: string,
): Promise<Checked | Refusal> {
  const { address, relyingParty } = login
  await parts.slowDown.check(address, relyingParty.id)
  const checked = await parts.inTurn(document, () => verify(parts, login, document, typed))
  if (!isRefusal(checked)) return checked
  // A queue that was full says nothing of who asked.
  if (checked.refused !== 'BUSY-01-try-again') await parts.slowDown.failed(address, relyingParty.id)
  return checked
}

async function verify(
  parts: PermanenteParts,
  login: Login,
  document: string,
  typed: string,
): Promise<Checked | Refusal> {
  const [record, standing, password] = await Promise.all([
    parts.citizens.byDocument(document),
    parts.lockout.standing(parts.db, document, login.browser, ['password']),
    findPasswordOfDocument(parts.db, document),
  ])
  const refused = notHeard(standing.refusedUntil, parts.clock.now())
  if (refused) return refused
  const right = await parts.hashes.verify(password?.hash ?? parts.dummy, typed)
  if (isRefusal(right)) return right
  if (!right || !record || !password) {
    const owner = record && password && { citizen: record.citizen, password }
    return wrong(parts, login, document, standing.known, owner)
  }
  if (isOutdated(password.hash)) await hashAnew(parts, password, typed)
  return { citizen: record.citizen, password, known: standing.known }
}

interface Owner {
  readonly citizen: Citizen
  readonly password: Password
}

async function wrong(
  parts: PermanenteParts,
  login: Login,
  document: string,
  known: boolean,
  owner: Owner | undefined,
): Promise<Refusal> {
  const { refusedUntil } = known
    ? await failAtHome(parts, login, document, owner)
    : await parts.lockout.failed(parts.db, 'password', document, false)
  return notHeard(refusedUntil, parts.clock.now()) ?? refusal('PERMANENTE-01-wrong')
}

/**
 * From a browser of its owner's, the failure that is one too many blocks the password, and its owner is told: counted,
 * blocked and told, or nothing of it.
 */
const failAtHome = (parts: PermanenteParts, login: Login, document: string, owner: Owner | undefined) =>
  parts.db.transaction(async (tx) => {
    const failed = await parts.lockout.failed(tx, 'password', document, true)
    if (failed.blocked && owner) {
      const told = tellBlocked(parts, login, owner.citizen)
      await blockAndTellPassword(tx, owner.citizen.id, parts.clock.now(), told)
    }
    return failed
  })

function tellBlocked(parts: PermanenteParts, { browser, address }: Login, citizen: Citizen): Told {
  const data = { why: 'wrong-passwords', browser, address } as const
  const event = { kind: 'permanente-blocked', at: parts.clock.now(), citizen: citizen.id, data } as const
  return tellOf(parts, citizen, event, { kind: 'password-blocked' })
}

/** The cost was raised since: while the password is known, it is hashed at today's. Where the queue is full, next time. */
async function hashAnew(parts: PermanenteParts, { citizen, hash }: Password, typed: string): Promise<void> {
  const renewed = await parts.hashes.hash(typed)
  if (!isRefusal(renewed)) await renewHashOf(parts.db, citizen, hash, renewed)
}
