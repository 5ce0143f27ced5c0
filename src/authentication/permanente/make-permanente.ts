import type permanente from '../../../locales/es/permanente.json'
import { reach } from '../../citizen/index.ts'
import { isRefusal, refusal } from '../../refusal/index.ts'
import { makeTurns } from '../../lockout/index.ts'
import { admitCitizen } from '../judge-citizen.ts'
import type { Method } from '../method.ts'
import { codeStep } from './code-step.ts'
import { dummyHash, makeHashQueue } from './hash-queue.ts'
import type { PermanenteParts } from './parts.ts'
import { passwordStep, refusalOf } from './password-step.ts'
import { findPassword } from './password-table.ts'
import { warningStep } from './warning-step.ts'

declare module '../../platform/i18n.ts' {
  interface Texts {
    permanente: typeof permanente
  }
}

/** What app.ts hands in; the hash queue is made here unless another part of the process is to share it. */
export type PermanenteGiven = Omit<PermanenteParts, 'inTurn' | 'dummy' | 'hashes'> &
  Partial<Pick<PermanenteParts, 'hashes'>>

/** Cl@ve Permanente: document and password, stepped up by a one-time code where the agency asks for more. */
export function makePermanente(given: PermanenteGiven): Method {
  const { random, hashes = makeHashQueue(given) } = given
  const parts: PermanenteParts = { ...given, hashes, inTurn: makeTurns(), dummy: dummyHash(random) }
  return {
    name: 'permanente',
    reach: (level) => reach('permanente-password-and-code', level),
    steps: [passwordStep(parts), warningStep(parts), codeStep(parts)],
    async admits(id) {
      const citizen = await parts.citizens.find(id)
      const admission = admitCitizen(citizen, 'permanente-password-and-code')
      if (isRefusal(admission)) return admission
      const password = await findPassword(parts.db, id)
      if (!password) return refusal('PERMANENTE-04-not-active')
      return refusalOf(password, parts.clock.now()) ?? admission
    },
  }
}
