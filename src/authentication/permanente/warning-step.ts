import { Type } from 'typebox'
import { calendarDay } from '../../platform/index.ts'
import { isRefusal } from '../../refusal/index.ts'
import { admitCitizen } from '../judge-citizen.ts'
import type { Step } from '../method.ts'
import { afterPassword } from './after-password.ts'
import type { PermanenteParts, Warned } from './parts.ts'

const form = Type.Object({})

/** The password ends within a month: said once in each login, before it goes on. */
export function warningStep(parts: PermanenteParts): Step<Warned, typeof form> {
  return {
    name: 'permanente.warning',
    path: '/permanente/warning',
    template: 'authentication/permanente/views/warning.njk',
    form,
    show: async (login, { ends }) => {
      const left = new Date(ends).getTime() - parts.clock.now().getTime()
      return { day: calendarDay(new Date(ends), login.locale), days: Math.max(1, Math.ceil(left / 86_400_000)) }
    },
    async submit(login, warned) {
      const admission = admitCitizen(await parts.citizens.find(warned.citizen), 'permanente-password-and-code')
      return isRefusal(admission) ? admission : afterPassword(parts, login, warned, admission.registrationLevel)
    },
  }
}
