import { generateSync, generateURI } from 'otplib'
import { toString as drawQr } from 'qrcode'
import t from 'tap'
import type { Teardown } from '../support/database.ts'
import { sandboxPassword } from '../../src/sandbox/catalogue.ts'
import { citizen, loginWith, notThis, saysOf, stepOf, substantial } from './scene.ts'
import { callerOf, carmen, lifeScene } from './life-scene.ts'

const start = Date.parse('2026-11-21T10:00:00Z')
const browser = callerOf()

/** A citizen before the page of the enrolment, with an app that has read it. */
async function begun(t: Teardown) {
  const wire = { at: start }
  const s = await lifeScene(t, { wire: () => new Date(wire.at) })
  const page = await s.life.beginEnrolment(carmen.id, browser)
  if ('refused' in page) throw new Error(page.refused)
  const secret = page.secret.replaceAll(' ', '')
  const app = (seconds = 0) => generateSync({ secret, epoch: wire.at / 1000 + seconds })
  const confirm = (code: string, caller = browser) => s.life.confirmEnrolment(carmen.id, code, caller)
  return { ...s, wire, page, secret, app, confirm }
}

/** What a login that is stepped up answers to a code of the app. */
async function stepUp(s: Awaited<ReturnType<typeof begun>>, code: string) {
  const login = loginWith(substantial)
  const typed = { document: carmen.document, password: sandboxPassword }
  const asked = await stepOf(s.permanente, 'permanente.password').submit(login, undefined, typed)
  const data = 'next' in asked ? (asked.data as { way: string }) : { way: '' }
  return { way: data.way, answer: await stepOf(s.permanente, 'permanente.code').submit(login, data, { code }) }
}

t.test('the page has a QR and the secret in groups; the first right code enrols the app', async (t) => {
  const s = await begun(t)
  t.match(s.page.secret, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/, '160 bits')
  const svg = Buffer.from(s.page.qr.replace('data:image/svg+xml;base64,', ''), 'base64').toString()
  t.match(svg, /^<svg [^>]*viewBox/)
  t.notMatch(svg, /style=|<script/)
  const uri = generateURI({ issuer: 'Cl@ve', label: '9…999R', secret: s.secret })
  t.match(uri, /^otpauth:\/\/totp\/Cl%40ve:9%E2%80%A6999R\?/, 'the document is not in it whole')
  t.equal(svg, await drawQr(uri, { type: 'svg', margin: 2 }))
  t.equal(await s.life.hasAuthenticator(carmen.id), false)
  const code = s.app()
  t.equal(await s.confirm(`${code.slice(0, 3)} ${code.slice(3)}`), 'enrolled')
  t.equal(await s.life.hasAuthenticator(carmen.id), true)
  t.match(await s.told(carmen.id), [{ kind: 'totp-enrolled', data: { browser: 'a browser' } }])
  s.wire.at += 30_000
  t.match(await stepUp(s, s.app()), { way: 'totp', answer: { proven: { factors: ['pwd', 'otp'] } } })
})

t.test('that code is used up: no login takes it again, nor an older one', async (t) => {
  const s = await begun(t)
  const [older, code] = [s.app(-30), s.app()]
  await s.confirm(code)
  t.same(saysOf((await stepUp(s, code)).answer), ['refusal:CODE-01-wrong.body'])
  t.same(saysOf((await stepUp(s, older)).answer), ['refusal:CODE-01-wrong.body'])
})

t.test('a wrong code enrols nothing; the page shows the same secret again', async (t) => {
  const s = await begun(t)
  for (const code of [notThis(s.app(), 3), '', 'abc', s.app(-90)]) t.equal(await s.confirm(code), 'wrong', code)
  t.equal(await s.life.hasAuthenticator(carmen.id), false)
  t.same(await s.life.beginEnrolment(carmen.id, browser), s.page)
  t.equal(await s.confirm(s.app()), 'enrolled')
})

t.test('of 20 confirmations at once one enrols; another browser sees another secret', async (t) => {
  const s = await begun(t)
  const elsewhere = callerOf({ browser: 'another' })
  t.equal(await s.confirm(s.app(), elsewhere), 'gone')
  const other = await s.life.beginEnrolment(carmen.id, elsewhere)
  t.not('secret' in other && other.secret, s.page.secret)
  const answers = await Promise.all(Array.from({ length: 20 }, () => s.confirm(s.app())))
  t.equal(answers.filter((answer) => answer === 'enrolled').length, 1)
  t.equal((await s.told(carmen.id)).length, 1)
})

t.test('an enrolment waits 20 minutes; a new app takes the place of the older one', async (t) => {
  const s = await begun(t)
  s.clock.advance(1_200)
  t.equal(await s.confirm(s.app()), 'gone')
  const first = await s.life.beginEnrolment(carmen.id, browser)
  const again = 'secret' in first ? first.secret.replaceAll(' ', '') : ''
  t.not(again, s.secret)
  t.equal(await s.confirm(generateSync({ secret: again, epoch: start / 1000 })), 'enrolled')
  const second = await s.life.beginEnrolment(carmen.id, browser)
  t.not('secret' in second && second.secret.replaceAll(' ', ''), again)
})

t.test('removed, codes come by SMS again', async (t) => {
  const s = await begun(t)
  await s.confirm(s.app())
  t.equal(await s.life.removeAuthenticator(carmen.id, browser), true)
  t.equal(await s.life.removeAuthenticator(carmen.id, browser), false)
  t.match(await s.told(carmen.id), [{ kind: 'totp-enrolled' }, { kind: 'totp-removed' }])
  t.equal((await s.told(carmen.id)).length, 2)
  t.equal((await stepUp(s, '123456')).way, 'sms')
})

t.test('the secret is sealed wherever it lies; who is not registered enrols none', async (t) => {
  const s = await begun(t)
  await s.confirm(s.app())
  for (const table of ['ephemeral', 'permanente_totp', 'audit_event']) {
    const rows = await s.db.rows({ name: `test.${table}`, text: `select ${table}::text as row from ${table}` })
    t.ok(rows.length > 0 && !JSON.stringify(rows).includes(s.secret), table)
  }
  t.match(await s.life.beginEnrolment(citizen('99999990S').id, browser), { refused: 'CITIZEN-03-not-registered' })
})
