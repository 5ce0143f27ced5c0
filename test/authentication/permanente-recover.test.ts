import t from 'tap'
import { findPassword } from '../../src/authentication/permanente/password-table.ts'
import { statement } from '../../src/platform/index.ts'
import { sandboxPassword } from '../../src/sandbox/catalogue.ts'
import { citizen, codeOf, loginWith, saysOf, stepOf, type Scene } from './scene.ts'
import { blocked, callerOf, carmen, fresh, goodPassword, lifeScene, proven, type LifeScene } from './life-scene.ts'

const day = 86_400
const contrast = '03/03/2031'

const enter = (s: Scene, document: string, password: string, browser = 'a browser') =>
  stepOf(s.permanente, 'permanente.password').submit(loginWith({ browser }), undefined, { document, password })

/** Document and contrast, and the code of the SMS: on the page of the password. */
async function recovering(s: LifeScene, document = blocked.document, typed = contrast, visitor = s.visitor()) {
  await visitor.get('/permanente/recover/document')
  await visitor.send({ document, contrast: typed })
  await visitor.send({ code: codeOf(s.sent.at(-1)) })
  return visitor
}

t.test('a blocked password: contrast and SMS set a new one, which is not blocked', async (t) => {
  const s = await lifeScene(t)
  const ways = await s.visitor().get('/permanente/recover')
  t.match(ways.body, /href="\/permanente\/recover\/document"/)
  t.match(ways.body, /href="\/permanente\/recover\/activation-code"/)
  const visitor = await recovering(s)
  const same = await visitor.send({ password: sandboxPassword })
  t.same(same.problems, ['Esa es la contraseña que ya tenía. Elija otra distinta'])
  const done = await visitor.send({ password: goodPassword })
  t.equal(done.heading, 'Su contraseña nueva ya funciona')
  t.match(await findPassword(s.db, blocked.id), { blocked: false })
  t.match(s.emails, [{ to: blocked.email, text: { kind: 'password-changed', at: s.clock.now() } }])
  t.match(await s.told(blocked.id), [{ kind: 'permanente-recovered', data: { how: 'contrast-and-code' } }])
  t.match(await enter(s, blocked.document, goodPassword), { proven: { citizen: blocked.id } })
  t.match(saysOf(await enter(s, blocked.document, sandboxPassword))[0], 'refusal:PERMANENTE-01-wrong.body')
})

t.test('an expired one likewise, and it lives 2 years again', async (t) => {
  const s = await lifeScene(t)
  s.clock.advance(731 * day)
  t.same(await enter(s, carmen.document, sandboxPassword), { refused: 'PERMANENTE-03-expired' })
  await (await recovering(s, carmen.document, '30/06/2031')).send({ password: goodPassword })
  t.match(await findPassword(s.db, carmen.id), { expires: s.clock.in(730 * day) })
})

t.test('with an activation code that was not used yet', async (t) => {
  const s = await lifeScene(t)
  const visitor = s.visitor()
  await visitor.get('/permanente/recover/activation-code')
  const { document, email } = blocked
  const activation = await s.activationFor(document)
  await visitor.send({ document, email, activation })
  await visitor.send({ code: codeOf(s.sent.at(-1)) })
  t.equal((await visitor.send({ password: goodPassword })).heading, 'Su contraseña nueva ya funciona')
  t.match(await s.told(blocked.id), [{ kind: 'permanente-recovered', data: { how: 'activation-code' } }])
  t.match(s.emails, [{ text: { kind: 'password-changed' } }])
  const again = await s.visitor().send({ document, email, activation }, '/permanente/recover/activation-code')
  t.match(again.problems[0], /no coinciden/, 'the code is used up')
})

t.test('who never had a password needs the activation code: told, with the way there', async (t) => {
  const s = await lifeScene(t)
  const form = { document: fresh.document, contrast: '09/09/2034' }
  const answer = await s.visitor().send(form, '/permanente/recover/document')
  t.match(answer.body, /PERMANENTE-04-not-active/)
  t.match(answer.body, /href="\/permanente\/activate"/)
  t.equal(s.sent.length, 0)
})

t.test('a wrong contrast tells nothing; a right one tells what stands in the way', async (t) => {
  const s = await lifeScene(t)
  const identify = (document: string, typed: string) =>
    s.visitor().send({ document, contrast: typed }, '/permanente/recover/document')
  for (const document of ['11111111H', '99999995C', '99999990S', '99999992V', '99999991Q', '99999999R']) {
    const answer = await identify(document, '01/02/2033')
    t.same([answer.status, answer.problems.length], [422, 2], document)
    t.match(answer.problems[0], /No hemos podido comprobar su identidad/, document)
  }
  t.match((await identify('99999995C', '28/02/2032')).body, /CITIZEN-03-not-registered/)
  t.match((await identify('99999990S', '10/10/2030')).body, /CITIZEN-04-renounced/)
  t.match((await identify('99999992V', '08/08/2028')).body, /CITIZEN-05-deceased/)
  t.same((await identify('', '')).problems.length, 2)
  t.match((await identify('99999999R', '')).problems, ['Escriba la fecha de validez de su DNI'])
})

t.test('a wrong contrast costs the same work whatever the document is', async (t) => {
  const s = await lifeScene(t)
  const traces = []
  for (const document of ['11111111H', '99999995C', '99999990S', '99999992V', '99999991Q', '99999988J', '99999999R']) {
    const visitor = s.visitor()
    await visitor.get('/permanente/recover/document')
    s.trace.length = 0
    await visitor.send({ document, contrast: '01/02/2033' })
    traces.push([...s.trace.slice(0, 2).toSorted(), ...s.trace.slice(2)])
  }
  for (const trace of traces) t.same(trace, traces[0])
  t.ok(traces[0]?.includes('failure.count'))
})

t.test('the sessions of the citizen end everywhere but in this browser', async (t) => {
  const s = await lifeScene(t)
  await (await recovering(s)).send({ password: goodPassword })
  t.same(s.ended, Array(2).fill([blocked.id, undefined]), 'before, and once more when it is done')
  s.ended.length = 0
  const session = 'x'.repeat(43)
  const visitor = await recovering(s, carmen.document, '30/06/2031', s.visitor({ 'clave-session': session }))
  await visitor.send({ password: goodPassword })
  t.match(s.ended, [[carmen.id, session], {}])
})

t.test('the browser that recovered is known, so the guesses of strangers do not keep it out', async (t) => {
  const s = await lifeScene(t)
  for (let nth = 0; nth < 5; nth++) await enter(s, carmen.document, 'guess', `stranger ${nth}`)
  s.clock.advance(1)
  const visitor = await recovering(s, carmen.document, '30/06/2031')
  await visitor.send({ password: goodPassword })
  const events = await s.told(carmen.id)
  const browser = (events.at(-1)?.['data'] as { browser: string }).browser
  t.match(saysOf(await enter(s, carmen.document, goodPassword))[0], 'refusal:CITIZEN-02-too-many-tries.body')
  t.match(await enter(s, carmen.document, goodPassword, browser), { proven: { citizen: carmen.id } })
})

const wrongly = async (s: Scene, times: number, browser: string) => {
  for (let nth = 0; nth < times; nth++) await enter(s, carmen.document, 'wrong', browser)
}

/** Carmen sets a new password; the browser in which she did. */
async function recovered(s: LifeScene): Promise<string> {
  const visitor = await recovering(s, carmen.document, '30/06/2031')
  const done = await visitor.send({ password: goodPassword })
  if (done.heading !== 'Su contraseña nueva ya funciona') throw new Error(done.heading)
  const { data } = (await s.told(carmen.id)).at(-1) as { data: { browser: string } }
  return data.browser
}

t.test(
  'a blocked one that was guessed at on and on: the new one is heard at once, in every browser of its owner',
  async (t) => {
    const s = await lifeScene(t)
    await enter(s, carmen.document, sandboxPassword, 'at home')
    await wrongly(s, 10, 'at home')
    t.match(saysOf(await enter(s, carmen.document, 'wrong', 'at home'))[0], 'refusal:CITIZEN-02-too-many-tries.body')
    const here = await recovered(s)
    for (const browser of [here, 'at home'])
      t.match(await enter(s, carmen.document, goodPassword, browser), { proven: { citizen: carmen.id } }, browser)
  },
)

t.test(
  '5 wrong passwords from a known browser block the new one too, by proof of contrast or by activation code',
  async (t) => {
    const s = await lifeScene(t)
    await enter(s, carmen.document, sandboxPassword, 'at home')
    await wrongly(s, 5, 'at home')
    t.match(await findPassword(s.db, carmen.id), { blocked: true })
    await recovered(s)
    await wrongly(s, 4, 'at home')
    t.match(await findPassword(s.db, carmen.id), { blocked: false })
    await wrongly(s, 1, 'at home')
    t.match(await findPassword(s.db, carmen.id), { blocked: true })

    const visitor = await proven(s, carmen.document, await s.activationFor(carmen.document))
    await visitor.send({ password: `${goodPassword} again` })
    t.match(await findPassword(s.db, carmen.id), { blocked: false })
    await wrongly(s, 5, 'at home')
    t.match(await findPassword(s.db, carmen.id), { blocked: true })
    t.equal((await s.told(carmen.id)).filter(({ kind }) => kind === 'permanente-blocked').length, 3)
  },
)

t.test('a recovery gives strangers no new tries: the refusal goes on, and the next one is twice as long', async (t) => {
  const s = await lifeScene(t)
  await wrongly(s, 5, 'a stranger')
  await recovered(s)
  t.match(
    saysOf(await enter(s, carmen.document, goodPassword, 'a stranger'))[0],
    'refusal:CITIZEN-02-too-many-tries.body',
  )
  s.clock.advance(15 * 60)
  await wrongly(s, 5, 'a stranger')
  s.clock.advance(30 * 60 - 1)
  t.match(
    saysOf(await enter(s, carmen.document, goodPassword, 'a stranger'))[0],
    'refusal:CITIZEN-02-too-many-tries.body',
  )
  s.clock.advance(1)
  t.match(await enter(s, carmen.document, goodPassword, 'a stranger'), { proven: { citizen: carmen.id } })
})

t.test('a recovery that sets no password forgets nothing: the proof was used up meanwhile', async (t) => {
  const s = await lifeScene(t)
  await enter(s, carmen.document, sandboxPassword, 'at home')
  await wrongly(s, 4, 'at home')
  const visitor = await recovering(s, carmen.document, '30/06/2031')
  const proofs = statement('test.proofs', `delete from one_time_code where kind = 'password'`)
  await s.db.rows(proofs)
  t.equal((await visitor.send({ password: goodPassword })).heading, 'Tiene que empezar de nuevo')
  await wrongly(s, 1, 'at home')
  t.match(await findPassword(s.db, carmen.id), { blocked: true })
})

t.test('of recoveries and wrong passwords at once none waits for another in vain', async (t) => {
  const s = await lifeScene(t)
  await enter(s, carmen.document, sandboxPassword, 'at home')
  await wrongly(s, 4, 'at home')
  const visitor = await recovering(s, carmen.document, '30/06/2031')
  const [done] = await Promise.all([
    visitor.send({ password: goodPassword }),
    ...Array.from({ length: 6 }, () => wrongly(s, 1, 'at home')),
  ])
  t.equal(done.status, 200)
  t.equal((await s.told(carmen.id)).filter(({ kind }) => kind === 'permanente-recovered').length, 1)
})

t.test('a renuncia while the password is chosen counts', async (t) => {
  const s = await lifeScene(t)
  const visitor = await recovering(s)
  const record = await s.parts.citizens.byDocument(blocked.document)
  if (!record) throw new Error('no citizen')
  const gone = { ...record.citizen, registration: undefined, phone: undefined, renouncedAt: s.clock.now() }
  await s.parts.citizens.put({ ...record, citizen: gone })
  t.equal((await visitor.send({ password: goodPassword })).heading, 'Tiene que empezar de nuevo')
  t.match(await findPassword(s.db, blocked.id), { blocked: true })
})

t.test('change: the old one and a new one, in a session; all others end', async (t) => {
  const s = await lifeScene(t)
  const caller = callerOf({ session: 'the present one' })
  const change = (old: string, next: string) => s.life.changePassword({ citizen: carmen.id, old, next }, caller)
  t.match(await change('wrong', goodPassword), { refused: 'PERMANENTE-01-wrong' })
  t.match(await change(sandboxPassword, 'carmen'), { broken: { length: false, personal: false } })
  t.match(await change(sandboxPassword, sandboxPassword), { broken: { other: false } })
  t.same(s.ended, [])
  t.equal(await change(sandboxPassword, goodPassword), 'changed')
  t.match(s.ended[0], [carmen.id, 'the present one'])
  t.match(s.emails, [{ to: carmen.email, text: { kind: 'password-changed' } }])
  t.match(await s.told(carmen.id), [{ kind: 'permanente-changed', data: { browser: 'a browser' } }])
  t.match(await enter(s, carmen.document, goodPassword), { proven: { citizen: carmen.id } })
})

t.test('change: a blocked one is not changed, an absent one neither; of 20 at once one wins', async (t) => {
  const s = await lifeScene(t)
  const change = (id: string, next = goodPassword) =>
    s.life.changePassword({ citizen: id, old: sandboxPassword, next }, callerOf())
  t.match(await change(blocked.id), { refused: 'PERMANENTE-02-blocked' })
  t.match(await change(citizen('99999988J').id), { refused: 'PERMANENTE-01-wrong' })
  t.match(await change('nobody'), { refused: 'PERMANENTE-04-not-active' })
  const answers = await Promise.all(Array.from({ length: 20 }, (_, nth) => change(carmen.id, `${goodPassword} ${nth}`)))
  t.equal(answers.filter((answer) => answer === 'changed').length, 1)
  t.equal((await s.told(carmen.id)).filter(({ kind }) => kind === 'permanente-changed').length, 1)
})

t.test('change: the new one begins without the wrong passwords of any browser of its owner', async (t) => {
  const s = await lifeScene(t)
  await enter(s, carmen.document, sandboxPassword, 'at home')
  await wrongly(s, 4, 'at home')
  const change = { citizen: carmen.id, old: sandboxPassword, next: goodPassword }
  t.equal(await s.life.changePassword(change, callerOf({ browser: 'another' })), 'changed')
  await wrongly(s, 4, 'at home')
  t.match(await findPassword(s.db, carmen.id), { blocked: false })
  await wrongly(s, 1, 'at home')
  t.match(await findPassword(s.db, carmen.id), { blocked: true })
})

t.test('change: guesses at the old password are counted as at a login', async (t) => {
  const s = await lifeScene(t)
  const change = (old: string) => s.life.changePassword({ citizen: carmen.id, old, next: goodPassword }, callerOf())
  for (let nth = 0; nth < 5; nth++) await change('guess')
  t.match(await change(sandboxPassword), { refused: 'CITIZEN-02-too-many-tries' })
})

t.test('5 wrong passwords from a known browser block it: told to the audit and by e-mail, once', async (t) => {
  const s = await lifeScene(t)
  await enter(s, carmen.document, sandboxPassword, 'at home')
  const before = await s.laid()
  await Promise.all(Array.from({ length: 12 }, () => enter(s, carmen.document, 'wrong', 'at home')))
  t.match(await s.told(carmen.id), [
    { kind: 'permanente-blocked', data: { why: 'wrong-passwords', browser: 'at home' } },
  ])
  t.equal((await s.laid()) - before, 1)
})
