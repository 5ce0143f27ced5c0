import { raiseRegistration } from '../citizen/index.ts'
import { noteEvent } from '../audit/index.ts'
import type { Tx } from '../platform/index.ts'
import type { ActParts } from './parts.ts'

export interface Raising {
  /** The two ways from basic to advanced (clave-domain, "Registering"). */
  readonly channel: 'certificate' | 'in_person'
  /** The version of the terms, where they were accepted again. */
  readonly terms?: string
  readonly address?: string
}

/** Makes a basic registration advanced; false, and nothing done, where there is none (any more). */
export async function raise(
  tx: Tx,
  { clock }: Pick<ActParts, 'clock'>,
  citizen: string,
  { channel, terms, address }: Raising,
): Promise<boolean> {
  const at = clock.now()
  if (!(await raiseRegistration(tx, citizen, channel, at))) return false
  await noteEvent(tx, {
    kind: 'registration-raised',
    at,
    citizen,
    data: { channel, level: 'advanced', terms, address },
  })
  return true
}
