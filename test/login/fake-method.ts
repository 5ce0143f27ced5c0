import { Type } from 'typebox'
import type { Admission, AnyStep, Evidence, Method, StepAnswer } from '../../src/authentication/index.ts'
import type { Loa, MethodName, RegistrationLevel } from '../../src/citizen/index.ts'
import { refusal, type Refusal, type RefusalCode } from '../../src/refusal/index.ts'

export interface FakeMethod extends Method {
  /** What its steps were asked to do, in order: `<step>:<say>`. */
  readonly submitted: string[]
  /** What the rules say of a citizen from now on. */
  admission: Admission | Refusal
  /** What the citizen shows who says `proven`. */
  evidence: Evidence
}

export interface Fake {
  readonly basic?: Loa
  readonly advanced?: Loa
  readonly registrationLevel?: RegistrationLevel
  readonly pages?: readonly string[]
}

/** A method whose pages do what their form says: see `answersOf`, or the code of a refusal. */
export function fakeMethod(name: MethodName, fake: Fake = {}): FakeMethod {
  const { basic = 'low', advanced = 'substantial', registrationLevel = 'advanced', pages = ['identify', 'code'] } = fake
  const level = registrationLevel === 'basic' ? basic : advanced
  const answers = answersOf(() => method.evidence)
  const step = (page: string, index: number): AnyStep => ({
    name: `${name}.${page}`,
    path: `/${name}/${page}`,
    template: 'platform/views/layout.njk',
    form: Type.Object({ say: Type.String() }),
    show: async () => ({}),
    submit: async (_login, _data, { say }: { say: string }) => {
      method.submitted.push(`${name}.${page}:${say}`)
      const follower = `${name}.${pages[index + 1] ?? 'nowhere'}`
      return answers[say]?.(follower) ?? refusal(say as RefusalCode)
    },
  })
  const method: FakeMethod = {
    name,
    submitted: [],
    admission: { registrationLevel, best: level },
    evidence: { citizen: 'carmen', method: name, factors: [`${name}-factor`], level, registrationLevel },
    reach: (registered) => registered && { basic, advanced }[registered],
    steps: pages.map(step),
    admits: async () => method.admission,
  }
  return method
}

const wrong = [{ field: 'say', text: 'refusal:PIN-01-wrong.body' }]

function answersOf(evidence: () => Evidence): Record<string, (follower: string) => StepAnswer> {
  let used = false
  return {
    proven: () => ({ proven: evidence() }),
    // A single-use code: of any number of requests that bring it, one is proven.
    once: () => {
      if (used) return { moved: true }
      used = true
      return { proven: evidence() }
    },
    next: (follower) => ({ next: follower, data: { from: 'identify' } }),
    again: () => ({ again: wrong, values: { say: 'harmless' } }),
    remember: () => ({ again: wrong, data: { tried: 1 } }),
    moved: () => ({ moved: true }),
  }
}
