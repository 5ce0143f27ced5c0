import { endPhone, lockPhone, removePermanente } from '../authentication/index.ts'
import type { Citizen } from '../citizen/index.ts'
import type { Tx } from '../platform/index.ts'
import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import { renounce, type Renounced } from '../registration/index.ts'
import type { ActsParts } from './acts-parts.ts'
import { emailCodeTable } from './email-code-table.ts'

type Parts = Pick<
  ActsParts,
  'db' | 'clock' | 'random' | 'digest' | 'limits' | 'messages' | 'envelope' | 'login' | 'tellEnded'
>

/**
 * Renuncia from Mi Cl@ve: registration, password, authenticator app, phone, codes and letter end in one transaction, and with it
 * whatever rests on them: a session, a login under way, an authorization code or a token is worth nothing from the commit
 * on, since each use asks for the registration. Then the sessions themselves are dropped and their agencies told; one that
 * does not answer holds it up for 2.5 s at most. Refused (CITIZEN-04) where another request was faster.
 */
export async function giveUp(parts: Parts, { id }: Pick<Citizen, 'id'>, address: string): Promise<Renounced | Refusal> {
  const sessions = await parts.login.sessionsOf(id)
  const ending = { ...parts, endUse: (tx: Tx, citizen: string) => endUse(tx, parts, citizen, address) }
  const renounced = await parts.db.transaction(async (tx) => {
    // The phone before the registration, as the activation of one has it, or the two could wait for each other.
    await lockPhone(tx, id)
    return renounce(tx, ending, id, 'account', address)
  })
  if (isRefusal(renounced)) return refusal('CITIZEN-04-renounced')
  await parts.login.endSessionsOf(id, 'renuncia')
  await Promise.all(sessions.map((session) => parts.tellEnded(session)))
  return renounced
}

async function endUse(tx: Tx, parts: Parts, citizen: string, address: string): Promise<void> {
  await removePermanente(tx, citizen)
  await endPhone(tx, parts, citizen, { why: 'renuncia', address })
  await emailCodeTable.remove(tx, citizen)
}
