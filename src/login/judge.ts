import type { Admission, Evidence, Method } from '../authentication/index.ts'
import { levelGranted, loas, type LevelsAsked, type Loa, type MethodName } from '../citizen/index.ts'
import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import type { RelyingParty } from '../relying-party/index.ts'
import type { LoginRequest, Who } from './outcome.ts'
import type { LoginParts } from './parts.ts'
import type { Proof, Session } from './session.ts'

/** A method that somebody can use and the agency allows; usable where its best reaches what is asked. */
export interface Offer {
  readonly method: Method
  readonly usable: boolean
}

/** The request without the methods that the agency never takes, whatever a request says. */
export function withExclusions(request: LoginRequest, { excluded }: Pick<RelyingParty, 'excluded'>): LoginRequest {
  return excluded.length > 0 ? { ...request, excluded: [...request.excluded, ...excluded] } : request
}

export function offersFor(methods: readonly Method[], request: LoginRequest): readonly Offer[] {
  return methods
    .filter((method) => !request.excluded.includes(method.name) && method.reach('advanced') !== undefined)
    .map((method) => ({ method, usable: reaches(method, 'advanced', request.asked) }))
}

export const usableMethods = (methods: readonly Method[], request: LoginRequest): readonly Method[] =>
  offersFor(methods, request).flatMap((offer) => (offer.usable ? [offer.method] : []))

/** Whether this method is shown on the tile of another (Cl@ve PIN on that of Cl@ve Móvil). */
export const isWithinAnother = ({ method }: Offer, offers: readonly Offer[]): boolean =>
  offers.some((other) => other.usable && other.method.name === method.within)

/** The methods that can be used and have a tile of their own. */
export function chosenFrom(methods: readonly Method[], request: LoginRequest): readonly Method[] {
  const offers = offersFor(methods, request).filter(({ usable }) => usable)
  return offers.flatMap((offer) => (isWithinAnother(offer, offers) ? [] : [offer.method]))
}

export const methodNamed = (parts: LoginParts, name: MethodName): Method | undefined =>
  parts.methods.find((method) => method.name === name)

/** The level that the agency is told of this proof, or why it is not enough. */
export function judge(method: Method, request: LoginRequest, evidence: Evidence): Loa | Refusal {
  const level = levelGranted(evidence.level, request.asked)
  if (level === undefined) {
    const bounded =
      reaches(method, 'advanced', request.asked) && !reaches(method, evidence.registrationLevel, request.asked)
    return refusal(bounded ? 'LEVEL-01-registration-too-low' : 'LEVEL-02-method-too-low')
  }
  return isOther(request, evidence.citizen) ? refusal('LOGIN-07-other-citizen') : level
}

function reaches(method: Method, registration: Parameters<Method['reach']>[0], asked: LevelsAsked): boolean {
  const best = method.reach(registration)
  return best !== undefined && levelGranted(best, asked) !== undefined
}

const isOther = (request: LoginRequest, citizen: string): boolean =>
  request.citizen !== undefined && request.citizen !== citizen

/**
 * Who, if the session satisfies the request: level, age, method, and what the rules say of the citizen today (a
 * renuncia or a block since then counts). Whether a page must ask first is another question.
 */
export async function whoFrom(parts: LoginParts, session: Session, request: LoginRequest): Promise<Who | undefined> {
  if (request.force || isOther(request, session.citizen)) return undefined
  for (const proof of session.proofs) {
    const method = methodNamed(parts, proof.method)
    if (!method || !satisfies(parts, proof, request)) continue
    const admission = await method.admits(session.citizen, proof.device)
    if (isRefusal(admission)) continue
    const level = levelGranted(lower(proof.level, admission.best), request.asked)
    if (level) return whoBy(session, proof, level, admission)
  }
  return undefined
}

/** Whether the session is this citizen's but shows less than the agency asks: the choice page then says so. */
export function needsStepUp(session: Session, request: LoginRequest): boolean {
  if (isOther(request, session.citizen)) return false
  return session.proofs.every((proof) => levelGranted(proof.level, request.asked) === undefined)
}

/** What can be said without asking the database. */
function satisfies({ clock, limits }: LoginParts, proof: Proof, request: LoginRequest): boolean {
  const age = (clock.now().getTime() - proof.at) / 1000
  return (
    age < limits.sessionLongest &&
    isRecent(age, request.maxAge) &&
    !request.excluded.includes(proof.method) &&
    levelGranted(proof.level, request.asked) !== undefined
  )
}

/** max_age=0 asks for a proof made now, as prompt=login does (OpenID Connect Core 3.1.2.1). */
const isRecent = (age: number, maxAge: number | undefined): boolean =>
  maxAge === undefined || (maxAge > 0 && age <= maxAge)

const lower = (one: Loa, other: Loa): Loa => (loas.indexOf(one) < loas.indexOf(other) ? one : other)

const whoBy = (session: Session, proof: Proof, level: Loa, admission: Admission): Who => ({
  citizen: session.citizen,
  method: proof.method,
  factors: proof.factors,
  level,
  registrationLevel: admission.registrationLevel,
  at: new Date(proof.wireAt),
  session: session.id,
})
