export type { Admission, AnyStep, Evidence, Login, Method, News, Problem, Step, StepAnswer } from './method.ts'
export { sweepCodes } from './one-time-code-table.ts'
export { makePin, type PinGiven } from './pin/make-pin.ts'
export { argon2Cost, makeHashQueue, type HashQueue, type HashQueueParts } from './permanente/hash-queue.ts'
export { makePermanente, type PermanenteGiven } from './permanente/make-permanente.ts'
export {
  makePermanenteLife,
  type PasswordState,
  type PermanenteLife,
  type PermanenteLifeGiven,
} from './permanente/life/make-life.ts'
export type { PasswordChange, PasswordChanged } from './permanente/life/change-password.ts'
export { problemsOf, rulesModel } from './permanente/life/password-page.ts'
export { enrolmentProblem, type Enrolled, type Enrolment } from './permanente/life/authenticator.ts'
export type { Caller } from './permanente/life/parts.ts'
export { permanenteSweeps, type WarnParts } from './permanente/life/warn-expiry.ts'
export { blockPassword, findPassword, putPassword, removePermanente } from './permanente/password-table.ts'
export { putTotp } from './permanente/totp-table.ts'
export { sealTotp } from './permanente/totp.ts'
export {
  beginActivation,
  confirmActivation,
  sendAnotherCode,
  type Activated,
  type ActivationBegun,
  type Caller as PhoneCaller,
  type Confirmation,
} from './movil/activate-device.ts'
export { answerCall, type Call as SignedCall } from './movil/answer-call.ts'
export { openPending, openScanned, type Scan } from './movil/claim-request.ts'
export type { Assertion, Decision, Device, PhoneCall, ShownRequest, Standing } from './movil/contract.ts'
export { decideRequest, type Decided, type Said } from './movil/decide-request.ts'
export { findDeviceOf, lockPhone, putCredential, putDevice } from './movil/device-table.ts'
export { endOwnPhone } from './movil/end-own-phone.ts'
export { endPhone, type EndPhoneParts, type PhoneEnding } from './movil/end-phone.ts'
export { beginUnlock, confirmUnlock } from './movil/enrol-unlock.ts'
export type { MovilParts } from './movil/parts.ts'
export { codeOf as codeShown } from './movil/round.ts'
export { dropSubscription, putSubscription, removeSubscription } from './movil/subscription-table.ts'
export { makeMovil, type Movil, type MovilGiven } from './movil/make-movil.ts'
export { movilSweeps } from './movil/sweeps.ts'
export type { WatchParts } from './movil/one-question.ts'
export { watchRequests, type RequestWatch } from './movil/watch-requests.ts'
export { watchPhones, type PhoneEvent, type PhoneWatch } from './movil/watch-phones.ts'
export { showPin, type PinAsked, type PinShown } from './pin/show-pin.ts'
export { isProblems, readIdentity } from './read-identity.ts'
