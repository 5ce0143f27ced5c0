import type movil from '../../../locales/es/movil.json'
import { reach } from '../../citizen/index.ts'
import { makeTurns } from '../../lockout/index.ts'
import type { Timers } from '../../platform/index.ts'
import { isRefusal, refusal } from '../../refusal/index.ts'
import { admitCitizen } from '../judge-citizen.ts'
import type { Login, Method } from '../method.ts'
import { askedStep, type AskedOf } from './asked-step.ts'
import { findDeviceOf } from './device-table.ts'
import { documentStep } from './document-step.ts'
import { leaveRequest } from './leave-request.ts'
import type { MovilPageParts, MovilParts } from './parts.ts'
import { leaveRound, waitStep } from './wait-step.ts'
import { watchRequests } from './watch-requests.ts'

declare module '../../platform/i18n.ts' {
  interface Texts {
    movil: typeof movil
  }
}

/** What app.ts hands in. */
export interface MovilGiven extends Omit<MovilParts, 'inTurn'> {
  readonly timers: Timers
  /** Told when how the requests stand cannot be asked. */
  readonly failed: (error: unknown) => void
}

export interface Movil {
  readonly method: Method
  /** Ends what watches the requests. */
  close(): Promise<void>
}

/** Cl@ve Móvil: the citizen confirms in the app, by QR, or by document and contrast (clave-domain, "Methods"). */
export function makeMovil({ timers, failed, ...given }: MovilGiven): Movil {
  const watch = watchRequests({ db: given.db, clock: given.clock, timers, failed })
  const parts: MovilPageParts = { ...given, inTurn: makeTurns(), watch }
  const method: Method = {
    name: 'movil',
    reach: (level) => reach('movil', level),
    steps: [waitStep(parts), documentStep(parts), askedStep(parts)],
    leave: (login, step, data) => leave(parts, login, step, data),
    async admits(id, approved) {
      const [citizen, device] = await Promise.all([parts.citizens.find(id), findDeviceOf(parts.db, id)])
      const admission = admitCitizen(citizen, device?.credential ? 'movil' : 'movil-without-unlock')
      const counts = device !== undefined && (approved === undefined || approved === device.id)
      return isRefusal(admission) || counts ? admission : refusal('MOVIL-10-device-unknown')
    },
  }
  return { method, close: () => watch.close() }
}

async function leave(parts: MovilPageParts, login: Login, step: string, data: unknown): Promise<void> {
  if (step === 'movil.wait') await leaveRound(parts, login)
  if (step === 'movil.asked') await leaveRequest(parts, login, (data as AskedOf).request)
}
