import t from 'tap'
import { citizen, codeOf, loginWith, saysOf, scene, stepOf, type Scene } from './scene.ts'

/** One of each kind of document there is. */
const documents = {
  unknown: '11111111H',
  unregistered: '99999995C',
  minor: '99999993H',
  blocked: '99999991Q',
  deceased: '99999992V',
  renounced: '99999990S',
  'without Permanente': '99999988J',
  good: '99999999R',
}

/** Selects that are sent at the same time: which of them gets a connection first is chance. */
const atOnce = new Set(['citizen.by-document', 'known-browser.standing', 'permanente-password.of-document'])

function inOrder(trace: readonly string[]): readonly string[] {
  const head = trace.filter((_work, at) => trace.slice(0, at + 1).every((before) => atOnce.has(before)))
  return [...head.toSorted(), ...trace.slice(head.length)]
}

/** The same work: statements, commits, hashes and messages, by name and in their order. */
async function sameTrace(t: Tap, s: Scene, work: (document: string) => Promise<unknown>): Promise<readonly string[]> {
  const traces: Record<string, readonly string[]> = {}
  for (const [kind, document] of Object.entries(documents)) {
    s.trace.length = 0
    await work(document)
    traces[kind] = inOrder(s.trace)
  }
  const { good = [] } = traces
  for (const [kind, trace] of Object.entries(traces)) t.same(trace, good, `${kind}: the same work`)
  return good
}
type Tap = Pick<typeof t, 'same'>

const wrongContrast = (s: Scene) => (document: string) =>
  stepOf(s.pin, 'pin.identify').submit(loginWith(), undefined, { document, contrast: '01/02/2033' })
const wrongPassword = (s: Scene) => (document: string) =>
  stepOf(s.permanente, 'permanente.password').submit(loginWith(), undefined, { document, password: 'not this one' })

t.test('a wrong contrast costs the same work whatever the document is', async (t) => {
  const s = await scene(t)
  const trace = await sameTrace(t, s, wrongContrast(s))
  t.same(trace.slice(0, 2), ['citizen.by-document', 'known-browser.standing'])
  t.ok(trace.includes('civil-register.find') && trace.includes('failure.count'))
})

t.test('so it does at the failure that begins a refusal, and while the document is refused', async (t) => {
  const s = await scene(t)
  const fail = wrongContrast(s)
  for (const document of Object.values(documents)) for (let nth = 1; nth <= 4; nth++) await fail(document)
  await sameTrace(t, s, fail)
  const refused = await sameTrace(t, s, fail)
  const { document } = citizen('99999999R')
  s.trace.length = 0
  const right = await stepOf(s.pin, 'pin.identify').submit(loginWith(), undefined, { document, contrast: '30/06/2031' })
  t.match(saysOf(right), ['refusal:CITIZEN-02-too-many-tries.body'])
  t.same(inOrder(s.trace), refused, 'and the right contrast costs the same')
})

t.test('a wrong password costs the same work, one hash included, whatever the document is', async (t) => {
  const s = await scene(t)
  const trace = await sameTrace(t, s, wrongPassword(s))
  t.equal(trace.filter((work) => work === 'argon2.verify').length, 1)
  t.ok(trace.includes('failure.count'))
})

t.test('so it does at the failure that begins a refusal, and while the document is refused', async (t) => {
  const s = await scene(t)
  const fail = wrongPassword(s)
  for (const document of Object.values(documents)) for (let nth = 1; nth <= 4; nth++) await fail(document)
  await sameTrace(t, s, fail)
  const refused = await sameTrace(t, s, fail)
  t.notOk(refused.includes('argon2.verify'), 'nothing is compared any more')
})

t.test('the statements of a good login by PIN', async (t) => {
  const s = await scene(t)
  const login = loginWith()
  const answer = await stepOf(s.pin, 'pin.identify').submit(login, undefined, {
    document: '99999999R',
    contrast: '30/06/2031',
  })
  t.same(s.trace, ['citizen.by-document', 'known-browser.standing', 'message', 'one-time-code.put'])
  s.trace.length = 0
  const data = 'next' in answer ? answer.data : undefined
  await stepOf(s.pin, 'pin.code').submit(login, data, { code: codeOf(s.sent.at(-1)) })
  t.same(s.trace, ['one-time-code.redeem-and-complete'])
})
