import { beginActivation, confirmActivation, type Caller } from '../../src/authentication/movil/activate-device.ts'
import { askPhone, type Asked } from '../../src/authentication/movil/ask-by-document.ts'
import { openScanned } from '../../src/authentication/movil/claim-request.ts'
import type { Decision, PhoneCall, ShownRequest } from '../../src/authentication/movil/contract.ts'
import { decideRequest } from '../../src/authentication/movil/decide-request.ts'
import { findDevice } from '../../src/authentication/movil/device-table.ts'
import { beginUnlock, confirmUnlock } from '../../src/authentication/movil/enrol-unlock.ts'
import type { MovilParts } from '../../src/authentication/movil/parts.ts'
import { openRound, tokenOf } from '../../src/authentication/movil/round.ts'
import type { Login } from '../../src/authentication/index.ts'
import { makeTurns } from '../../src/lockout/index.ts'
import type { Push } from '../../src/messaging/index.ts'
import { postgresStore, statement } from '../../src/platform/index.ts'
import { isRefusal, type Refusal } from '../../src/refusal/index.ts'
import { testClock } from '../support/clock.ts'
import type { Teardown } from '../support/database.ts'
import { makePhone, type TestPhone } from '../support/phone.ts'
import { citizen, codeOf, loginWith, scene, type Scene, type SceneOptions } from './scene.ts'

export const baseUrl = 'https://clave.example'
export const carmen = citizen('99999999R')
export const basic = citizen('99999998T')
export const other = citizen('99999988J')
export const caller: Caller = { address: '198.51.100.7', locale: 'es' }

export interface MovilScene extends Omit<Scene, 'parts'> {
  readonly parts: MovilParts & Scene['parts']
  readonly pushes: Push[]
  /** What the audit says of a citizen, in its order. */
  told(
    citizen: string,
  ): Promise<readonly { kind: string; data: Record<string, unknown>; relying_party: string | null }[]>
}

const events = statement<{ kind: string; data: Record<string, unknown>; relying_party: string | null }>(
  'test.movil-events',
  'select kind, data, relying_party from audit_event where citizen_id = $1 order by id',
)

/** Cl@ve Móvil's acts on a real database with the sandbox's citizens. */
export async function movilScene(t: Teardown, options: SceneOptions = {}): Promise<MovilScene> {
  const s = await scene(t, options)
  const { db, clock, random } = s.parts
  const pushes: Push[] = []
  const parts = {
    ...s.parts,
    store: postgresStore({ db, clock, random }),
    register: s.parts.postgresRegister,
    inTurn: makeTurns(),
    baseUrl,
    messages: {
      ...s.parts.messages,
      push(message: Push) {
        pushes.push(message)
        return s.parts.messages.push(message)
      },
    },
  }
  return { ...s, parts, pushes, told: (id) => db.rows(events, [id]) }
}

export const newPhone = (now: () => Date = testClock().wire): TestPhone => makePhone(baseUrl, now)

/** What was answered, which was no refusal. */
export function right<Answer>(answer: Answer | Refusal): Answer {
  if (isRefusal(answer)) throw new Error(`refused: ${answer.refused}`)
  return answer
}

export function claimOf(who = carmen) {
  const { contrast } = who
  return {
    document: who.document,
    contrast:
      contrast.kind === 'support'
        ? ({ kind: 'support', numbers: [contrast.number] } as const)
        : ({ kind: 'date', date: contrast.date } as const),
  }
}

export interface Begun {
  readonly activation: string
  readonly code: string
}

/** Document and contrast were right, and a code was sent. */
export async function begun(s: MovilScene, who = carmen): Promise<Begun> {
  const { activation } = right(await beginActivation(s.parts, claimOf(who), caller))
  return { activation, code: codeOf(s.sent.at(-1)) }
}

export const confirm = (s: MovilScene, { activation, code }: Begun, phone: TestPhone) =>
  confirmActivation(
    s.parts,
    { activation, code, key: phone.key, name: 'Android, Chrome', proof: phone.proof(activation) },
    caller,
  )

/** An active phone; with its own unlock unless told. */
export async function activePhone(s: MovilScene, who = carmen, unlock = true): Promise<TestPhone> {
  const phone = newPhone(s.parts.clock.wire)
  phone.device = right(await confirm(s, await begun(s, who), phone)).device
  if (unlock) {
    const call = await callOf(s, phone)
    const options = right(await beginUnlock(s.parts, call))
    right(await confirmUnlock(s.parts, call, phone.unlock.create(options)))
  }
  return phone
}

/** The phone calls: its row as it is now. */
export async function callOf(s: MovilScene, phone: TestPhone): Promise<PhoneCall> {
  const device = await findDevice(s.db, phone.device)
  if (!device) throw new Error('no such phone')
  return { device, ...caller }
}

/** The phone scans what the login's page shows. */
export async function scanned(s: MovilScene, login: Login, phone: TestPhone): Promise<ShownRequest> {
  const round = await openRound(s.parts, login)
  return right(
    await openScanned(s.parts, await callOf(s, phone), { token: tokenOf(s.parts, round), browser: undefined }),
  )
}

/** A login whose request is open in the phone. */
export async function requested(s: MovilScene, phone: TestPhone, over: Partial<Login> = {}) {
  const login = loginWith(over)
  return { login, shown: await scanned(s, login, phone) }
}

/** Document and contrast were right in this login. */
export async function asked(s: MovilScene, login: Login, who = carmen): Promise<Asked | Refusal> {
  return askPhone(s.parts, login, await s.parts.citizens.find(who.id))
}

/** The phone decides, with its own unlock where it has one. */
export async function decided(
  s: MovilScene,
  phone: TestPhone,
  shown: ShownRequest,
  decision: Decision,
  over: Readonly<Record<string, unknown>> = {},
): Promise<Decision | Refusal> {
  const call = await callOf(s, phone)
  const jws = phone.decide(shown, decision, over)
  const assertion = decision === 'approve' && call.device.credential ? phone.unlock : undefined
  const said = { request: shown.id, jws, assertion: assertion && phone.prove(jws) }
  const answer = await decideRequest(s.parts, call, said)
  return isRefusal(answer) ? answer : answer.decision
}

export const refusedWith = (answer: unknown): string | undefined =>
  (answer as { readonly refused?: string } | undefined)?.refused
