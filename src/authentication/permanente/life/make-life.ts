import type { App } from '../../../platform/index.ts'
import { makeTurns } from '../../../lockout/index.ts'
import { dummyHash } from '../hash-queue.ts'
import type { Refusal } from '../../../refusal/index.ts'
import { findPassword } from '../password-table.ts'
import { findTotp } from '../totp-table.ts'
import {
  beginEnrolment,
  confirmEnrolment,
  removeAuthenticator,
  type Enrolled,
  type Enrolment,
} from './authenticator.ts'
import { changePassword, type PasswordChange, type PasswordChanged } from './change-password.ts'
import { makeCommonPasswords } from './common-passwords.ts'
import type { Caller, LifeParts } from './parts.ts'
import { mountLife } from './routes.ts'

/** What app.ts hands in; the hash queue is that of the logins. */
export type PermanenteLifeGiven = Omit<LifeParts, 'inTurn' | 'dummy' | 'isCommon'> &
  Partial<Pick<LifeParts, 'isCommon'>>

/** The life of Cl@ve Permanente beside its logins (clave-domain, "Methods"). */
export interface PermanenteLife {
  /** Mounts activation and recovery below /permanente. */
  routes(app: App): void
  /** For Mi Cl@ve: another password, by who knows the one there is. */
  changePassword(change: PasswordChange, caller: Caller): Promise<PasswordChanged>
  /** For Mi Cl@ve, in a proven session: what the citizen's app is to be given. */
  beginEnrolment(citizen: string, caller: Caller): Promise<Enrolment | Refusal>
  /** Its first code, as typed. */
  confirmEnrolment(citizen: string, code: string, caller: Caller): Promise<Enrolled>
  /** False: there was none. */
  removeAuthenticator(citizen: string, caller: Caller): Promise<boolean>
  /** What became of the citizen's password; undefined: Permanente is not active. */
  passwordOf(citizen: string): Promise<PasswordState | undefined>
  /** Whether codes are asked of an app instead of sent by SMS. */
  hasAuthenticator(citizen: string): Promise<boolean>
}

/** Of a password all but the password. */
export interface PasswordState {
  readonly set: Date
  readonly expires: Date
  readonly blocked: boolean
}

export function makePermanenteLife(given: PermanenteLifeGiven): PermanenteLife {
  const { isCommon = makeCommonPasswords(), random } = given
  const parts: LifeParts = { ...given, isCommon, inTurn: makeTurns(), dummy: dummyHash(random) }
  return {
    routes: (app) => mountLife(parts, app),
    changePassword: (change, caller) => changePassword(parts, change, caller),
    beginEnrolment: (citizen, caller) => beginEnrolment(parts, citizen, caller),
    confirmEnrolment: (citizen, code, caller) => confirmEnrolment(parts, citizen, code, caller),
    removeAuthenticator: (citizen, caller) => removeAuthenticator(parts, citizen, caller),
    async passwordOf(citizen) {
      const password = await findPassword(parts.db, citizen)
      return password && { set: password.set, expires: password.expires, blocked: password.blocked }
    },
    hasAuthenticator: async (citizen) => (await findTotp(parts.db, citizen)) !== undefined,
  }
}
