import type { RegistrationLevel } from '../../citizen/index.ts'
import type { Login, StepAnswer } from '../method.ts'
import { endOfProof } from '../prove.ts'
import { askCode } from './ask-code.ts'
import type { PasswordRight, PermanenteParts } from './parts.ts'

/** What follows a right password, its warning read: a code where the level asks for it, else the end. */
export async function afterPassword(
  parts: PermanenteParts,
  login: Login,
  { citizen, document, known, stepUp }: PasswordRight,
  registrationLevel: RegistrationLevel | undefined,
): Promise<StepAnswer> {
  const who = { citizen, document, known }
  if (stepUp) return askCode(parts, login, who)
  return endOfProof(parts, login, who, {
    variant: 'permanente-password',
    method: 'permanente',
    tried: ['password'],
    factors: ['pwd'],
    registrationLevel,
  })
}
