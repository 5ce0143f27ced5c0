import { endRegistration } from '../citizen/index.ts'
import { noteEvent } from '../audit/index.ts'
import type { Tx } from '../platform/index.ts'
import { refusal, type Refusal } from '../refusal/index.ts'
import { activationCodeTable } from './activation-code-table.ts'
import { killLetter } from './letter/kill-letter.ts'
import type { RenunciaParts } from './parts.ts'
import { layMessage, localeOf, newsExpires } from './tell.ts'

export interface Renounced {
  readonly at: Date
  readonly document: string
  /** The language that the receipt is written in. */
  readonly locale: string
}

/**
 * Renuncia: ends the registration and every use of it, forgets phone, e-mail, activation code and an alive letter, and
 * tells the citizen by e-mail where one was known. Afterwards only a certificate or an office can register them again.
 * Refused (CITIZEN-03) where there is no registration: of two renuncias at once one ends it.
 */
export async function renounce(
  tx: Tx,
  parts: RenunciaParts,
  citizen: string,
  how: 'account' | 'certificate' | 'app' | 'in-person',
  address?: string,
): Promise<Renounced | Refusal> {
  const at = parts.clock.now()
  const former = await endRegistration(tx, citizen, at)
  if (!former) return refusal('CITIZEN-03-not-registered')
  await activationCodeTable.remove(tx, citizen)
  await killLetter(tx, former.document, 'renuncia', at)
  await parts.endUse(tx, citizen)
  await noteEvent(tx, { kind: 'renounced', at, citizen, data: { how, address } })
  const { document, locale, email } = former
  if (email !== undefined) {
    const text = { kind: 'renounced', at } as const
    const about = { key: parts.random.uuid(), citizen, locale: localeOf(locale), expires: newsExpires(parts) }
    await layMessage(tx, parts.messages.email({ ...about, to: email, text }))
  }
  return { at, document, locale }
}
