import { generateSecret, generateSync } from 'otplib'
import t from 'tap'
import { putTotp, sealTotp, type Login, type StepAnswer } from '../../src/authentication/index.ts'
import { openTotpTries } from '../../src/authentication/permanente/totp-table.ts'
import { stepOfTotp } from '../../src/authentication/permanente/totp.ts'
import { sandboxPassword } from '../../src/sandbox/catalogue.ts'
import type { Teardown } from '../support/database.ts'
import { citizen, codeOf, dataOf, loginWith, notThis, saysOf, scene, stepOf, substantial } from './scene.ts'

const carmen = citizen('99999999R')
const secret = generateSecret()
const start = Date.parse('2026-11-21T10:00:00Z')

/** The citizen's app is enrolled; `seconds` is how far its clock is from ours, `at` where ours stands. */
async function enrolled(t: Teardown) {
  const wire = { at: start }
  const s = await scene(t, { wire: () => new Date(wire.at) })
  const sealedSecret = sealTotp(s.parts.envelope, carmen.id, secret)
  await putTotp(s.db, { citizen: carmen.id, sealedSecret, lastStep: 0 })
  const app = (seconds = 0) => generateSync({ secret, epoch: wire.at / 1000 + seconds })
  const begin = async (over: Partial<Login> = {}) => {
    const login = loginWith({ ...substantial, ...over })
    const document = { document: carmen.document, password: sandboxPassword }
    const answer = await stepOf(s.permanente, 'permanente.password').submit(login, undefined, document)
    return { login, data: dataOf(answer) }
  }
  const enter = ({ login, data }: { login: Login; data: unknown }, form: Record<string, string>): Promise<StepAnswer> =>
    stepOf(s.permanente, 'permanente.code').submit(login, data, form)
  return { ...s, wire, app, begin, enter }
}

const proven = { proven: { citizen: carmen.id, factors: ['pwd', 'otp'], level: 'substantial' } }
const wrong = ['refusal:CODE-01-wrong.body']
const dead = 'refusal:CODE-02-dead.body'

t.test('with an authenticator app its code steps the login up, and no SMS is sent', async (t) => {
  const { app, begin, enter, sent, permanente } = await enrolled(t)
  const login = await begin()
  t.same(await stepOf(permanente, 'permanente.code').show(login.login, login.data), { way: 'totp', digits: 6 })
  const code = app()
  t.match(await enter(login, { code: `${code.slice(0, 3)} ${code.slice(3)}` }), proven)
  t.equal(sent.length, 0)
})

t.test('the app’s clock may be 30 seconds off, not more', async (t) => {
  const at = new Date(start)
  const codeAt = (seconds: number) => generateSync({ secret, epoch: start / 1000 + seconds })
  const step = start / 30_000
  for (const [seconds, expected] of [
    [-60, undefined],
    [-30, step - 1],
    [0, step],
    [30, step + 1],
    [60, undefined],
  ] as const)
    t.equal(stepOfTotp(secret, codeAt(seconds), at), expected, `${seconds} s`)
  const { app, begin, enter } = await enrolled(t)
  t.same(saysOf(await enter(await begin(), { code: app(-60) })), wrong)
  t.match(await enter(await begin(), { code: app(-30) }), proven)
  t.match(await enter(await begin(), { code: app(30) }), proven)
})

t.test('what is no code is no code: the library’s answer is an object, and it throws at other lengths', (t) => {
  for (const code of ['', '12345', '1234567', 'abcdef', '１２３４５６'])
    t.equal(stepOfTotp(secret, code, new Date(start)), undefined)
  const right = generateSync({ secret, epoch: start / 1000 })
  t.equal(stepOfTotp(secret, notThis(right), new Date(start)), undefined)
  t.end()
})

t.test('a code of the app is never taken twice, nor an older one after it', async (t) => {
  const { app, begin, enter, wire } = await enrolled(t)
  const code = app()
  const older = app(-30)
  t.match(await enter(await begin(), { code }), proven)
  t.same(saysOf(await enter(await begin(), { code })), wrong)
  t.same(saysOf(await enter(await begin(), { code: older })), wrong)
  wire.at += 30_000
  t.match(await enter(await begin(), { code: app() }), proven)
})

t.test('of 20 logins that send the same code at once one is let through', async (t) => {
  const { app, begin, enter } = await enrolled(t)
  const logins = []
  for (let nth = 0; nth < 20; nth++) logins.push(await begin())
  const code = app()
  const answers = await Promise.all(logins.map((login) => enter(login, { code })))
  t.equal(answers.filter((answer) => 'proven' in answer).length, 1)
})

t.test('of 50 submissions of the right code in one login one proves, the others are led on', async (t) => {
  const { app, begin, enter } = await enrolled(t)
  const login = await begin()
  const code = app()
  const answers = await Promise.all(Array.from({ length: 50 }, () => enter(login, { code })))
  t.equal(answers.filter((answer) => 'proven' in answer).length, 1)
  t.equal(answers.filter((answer) => 'moved' in answer).length, 49)
})

t.test('of 50 wrong codes at once 3 are counted; going back to the password gives no new tries', async (t) => {
  const { app, begin, enter, db, parts } = await enrolled(t)
  const login = await begin()
  const code = app()
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, nth) => enter(login, { code: notThis(code, 1_000 + nth) })),
  )
  t.equal(answers.filter((answer) => saysOf(answer)[0] === wrong[0]).length, 2)
  t.equal(answers.filter((answer) => saysOf(answer)[0] === dead).length, 48)
  t.match(await parts.lockout.failed(db, 'code', carmen.document, false), { failures: 4 })
  t.equal(saysOf(await enter(login, { code }))[0], dead)
  const again = await begin({ id: login.login.id })
  t.equal(saysOf(await enter(again, { code }))[0], dead)
  t.match(await enter(await begin(), { code }), proven, 'the step was not used up')
})

t.test('tries that another citizen opened in the same login are not this one’s', async (t) => {
  const { app, begin, enter, db } = await enrolled(t)
  const login = await begin()
  const other = citizen('99999998T')
  await openTotpTries(db, login.login.id, other.id, new Date(Date.now() + 600_000))
  const code = app()
  t.equal(saysOf(await enter(login, { code }))[0], dead)
  t.match(await enter(await begin(), { code }), proven, 'the step was not used up')
})

t.test('guesses in many logins are counted for the citizen: beyond them the right code is not heard', async (t) => {
  const { app, begin, enter } = await enrolled(t)
  const prepared = await begin()
  const code = app()
  for (let nth = 0; nth < 3; nth++) {
    const login = await begin()
    for (let one = 1; one <= 3; one++) await enter(login, { code: notThis(code, 1_000 + one) })
  }
  t.equal(saysOf(await enter(prepared, { code }))[0], 'refusal:CITIZEN-02-too-many-tries.body')
})

t.test('"use SMS instead" sends a code that counts in its place', async (t) => {
  const { begin, enter, sent, permanente } = await enrolled(t)
  const login = await begin()
  const answer = await enter(login, { action: 'sms' })
  const data = dataOf(answer)
  t.match(await stepOf(permanente, 'permanente.code').show(login.login, data), { way: 'sms', another: false })
  const proof = await enter({ login: login.login, data }, { code: codeOf(sent.at(-1)) })
  t.match(proof, { proven: { factors: ['pwd', 'otp', 'sms'] } })
})

t.test('the secret is sealed to its citizen', async (t) => {
  const { db, parts, begin, enter, app } = await enrolled(t)
  const login = await begin()
  const other = citizen('99999998T')
  await putTotp(db, { citizen: carmen.id, sealedSecret: sealTotp(parts.envelope, other.id, secret), lastStep: 0 })
  await t.rejects(enter(login, { code: app() }))
  const rows = await db.rows({ name: 'test.totp', text: 'select permanente_totp::text as row from permanente_totp' })
  t.notOk(JSON.stringify(rows).includes(secret))
})

t.test('an app that was taken off meanwhile takes no code', async (t) => {
  const { db, begin, enter, app } = await enrolled(t)
  const login = await begin()
  await db.rows({ name: 'test.remove', text: 'delete from permanente_totp' })
  t.same(saysOf(await enter(login, { code: app() })), wrong)
})
