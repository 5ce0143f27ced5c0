import type { Citizen } from './citizen.ts'
import type { RegistrationLevel } from './level.ts'

/**
 * Whether what a citizen proved still stands: with a registration of then it ends with that registration (renuncia), and
 * in any case with the citizen's life. `registrationLevel`: of then; undefined: by a certificate, which needs none.
 */
export function stillStands(
  citizen: Citizen | undefined,
  registrationLevel: RegistrationLevel | undefined,
): citizen is Citizen {
  if (!citizen || citizen.deceased) return false
  return registrationLevel === undefined || citizen.registration !== undefined
}
