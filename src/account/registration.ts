import { reach, type MethodName, type MethodVariant } from '../citizen/index.ts'
import { registrationOf } from './home.ts'
import type { Page } from './page.ts'
import type { AccountParts } from './parts.ts'

/** The ways of using each method, from the weakest on. */
const variantsOf: Record<MethodName, readonly MethodVariant[]> = {
  pin: ['pin'],
  permanente: ['permanente-password', 'permanente-password-and-code'],
  movil: ['movil'],
  certificate: ['certificate-software', 'certificate-qscd'],
}

/** How the citizen is registered, what each method reaches so, and how to reach more. */
export const registrationPage = ({ methods }: AccountParts): Page => ({
  path: '/registration',
  template: 'account/views/registration.njk',
  surety: 'session',
  nav: 'registration',
  show: async ({ citizen, caller }) => ({
    model: {
      registration: registrationOf(citizen, caller.locale),
      reaches: methods
        .flatMap(({ name }) => variantsOf[name])
        .map((variant) => ({
          variant,
          now: reach(variant, citizen.registration?.level),
          advanced: reach(variant, 'advanced'),
        })),
    },
  }),
})
