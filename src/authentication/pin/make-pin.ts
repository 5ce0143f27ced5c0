import type pin from '../../../locales/es/pin.json'
import { reach } from '../../citizen/index.ts'
import { isRefusal, refusal } from '../../refusal/index.ts'
import { makeTurns } from '../../lockout/index.ts'
import { admitCitizen } from '../judge-citizen.ts'
import type { Method } from '../method.ts'
import { codeStep } from './code-step.ts'
import { identifyStep } from './identify-step.ts'
import type { PinParts } from './parts.ts'

declare module '../../platform/i18n.ts' {
  interface Texts {
    pin: typeof pin
  }
}

/** What app.ts hands in. */
export type PinGiven = Omit<PinParts, 'inTurn'>

/** Cl@ve PIN by SMS: document and contrast, then a PIN that the registered mobile gets (clave-domain, "Methods"). */
export function makePin(given: PinGiven): Method {
  const parts: PinParts = { ...given, inTurn: makeTurns() }
  return {
    name: 'pin',
    within: 'movil',
    reach: (level) => reach('pin', level),
    steps: [identifyStep(parts), codeStep(parts)],
    async admits(id) {
      const citizen = await parts.citizens.find(id)
      const admission = admitCitizen(citizen, 'pin')
      if (isRefusal(admission)) return admission
      return citizen?.phone === undefined ? refusal('PIN-04-no-phone') : admission
    },
  }
}
