import t from 'tap'
import { changeBlockedMethods, type MethodName } from '../../src/citizen/index.ts'
import { isRefusal } from '../../src/refusal/index.ts'
import { sandboxPassword } from '../../src/sandbox/catalogue.ts'
import { citizen, codeOf, dataOf, loginWith, saysOf, scene, stepOf, substantial, type Scene } from './scene.ts'

const document = '99999999R'
const { id } = citizen(document)
const contrast = '30/06/2031'

async function block(s: Scene, ...next: readonly MethodName[]): Promise<void> {
  const former = (await s.parts.citizens.find(id))?.blockedMethods ?? []
  await s.db.transaction((tx) => changeBlockedMethods(tx, id, { former, next }, s.clock.now()))
}

const identify = (s: Scene, login = loginWith(), typed = contrast) =>
  stepOf(s.pin, 'pin.identify').submit(login, undefined, { document, contrast: typed })
const enterPassword = (s: Scene, login = loginWith(), password = sandboxPassword) =>
  stepOf(s.permanente, 'permanente.password').submit(login, undefined, { document, password })

const refused = ['CITIZEN-07-method-blocked']

t.test('a blocked PIN is refused once the contrast is right, and before any SMS', async (t) => {
  const s = await scene(t)
  await block(s, 'pin')
  t.same(saysOf(await identify(s, loginWith(), '01/01/2030')), [
    'refusal:CITIZEN-01-not-recognised.body',
    'refusal:CITIZEN-01-not-recognised.remedy',
  ])
  t.same(saysOf(await identify(s)), refused)
  t.equal(s.sent.length, 0)
  t.ok('next' in (await enterPassword(s, loginWith(substantial))), 'the other method goes on')
})

t.test('a blocked Permanente is refused once the password is right, and before any SMS', async (t) => {
  const s = await scene(t)
  await block(s, 'permanente')
  t.same(saysOf(await enterPassword(s, loginWith(), 'not this one')).slice(0, 1), ['refusal:PERMANENTE-01-wrong.body'])
  t.same(saysOf(await enterPassword(s)), refused)
  t.same(saysOf(await enterPassword(s, loginWith(substantial))), refused)
  t.equal(s.sent.length, 0)
  t.ok('next' in (await identify(s)), 'the other method goes on')
})

t.test('blocked between the PIN and its typing, the right PIN proves nothing', async (t) => {
  const s = await scene(t)
  const login = loginWith()
  const sent = dataOf(await identify(s, login))
  await block(s, 'pin')
  t.same(saysOf(await stepOf(s.pin, 'pin.code').submit(login, sent, { code: codeOf(s.sent[0]) })), refused)
})

t.test('blocked between the password and its code, the right code proves nothing', async (t) => {
  const s = await scene(t)
  const login = loginWith(substantial)
  const asked = dataOf(await enterPassword(s, login))
  await block(s, 'permanente')
  const code = codeOf(s.sent[0])
  t.same(saysOf(await stepOf(s.permanente, 'permanente.code').submit(login, asked, { code })), refused)
})

t.test('a session by a blocked method is asked about in vain, until the block is lifted', async (t) => {
  const s = await scene(t)
  await block(s, 'pin')
  t.match(await s.pin.admits(id), { refused: 'CITIZEN-07-method-blocked' })
  t.notOk(isRefusal(await s.permanente.admits(id)))
  await block(s)
  t.notOk(isRefusal(await s.pin.admits(id)))
})

t.test(
  'a login by PIN runs as many statements as before, and a wrong contrast of a blocked one costs the same',
  async (t) => {
    const s = await scene(t)
    await identify(s, loginWith(), '01/01/2030')
    const open = [...s.trace].sort()
    await block(s, 'pin')
    s.trace.length = 0
    await identify(s, loginWith(), '01/01/2030')
    t.same([...s.trace].sort(), open)
  },
)

t.test('of two that decide on the same blocks one is heard', async (t) => {
  const s = await scene(t)
  const change = (next: readonly MethodName[]) =>
    s.db.transaction((tx) => changeBlockedMethods(tx, id, { former: [], next }, s.clock.now()))
  const heard = await Promise.all([change(['pin']), change(['permanente'])])
  t.same(heard.toSorted(), [false, true])
  t.equal((await s.parts.citizens.find(id))?.blockedMethods.length, 1)
  const nobody = await s.db.transaction((tx) =>
    changeBlockedMethods(tx, citizen('99999990S').id, { former: [], next: ['pin'] }, s.clock.now()),
  )
  t.equal(nobody, false, 'nobody without a registration')
})
