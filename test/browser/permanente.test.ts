import t, { type Test } from 'tap'
import { closeBrowser } from '../support/chromium.ts'
import { testSandbox } from '../support/sandbox.ts'
import { byTurns, desktop, journey, type Journey, onBothScreens, type Screen, wrong } from './journey.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

/** A citizen on the page of document and password. */
async function atPassword(t: Test, agency: string, screen: Screen = desktop): Promise<Journey> {
  const citizen = await journey(t, sandbox, screen)
  await citizen.begin(agency)
  await citizen.choose('permanente')
  return citizen
}

onBothScreens('at dgt with Cl@ve Permanente, stepped up by a code sent by SMS', async (t, screen) => {
  const citizen = await atPassword(t, 'dgt', screen)
  await citizen.look()
  await citizen.enterPassword('99999999R')
  t.equal(citizen.where(), 'permanente/code')
  await citizen.look()
  await citizen.unfold('permanente:code.notArrived')
  await citizen.look()
  await citizen.enterCode(await sandbox.codeFor('99999999R'))
  await citizen.look()
  t.match(await citizen.session('dgt'), {
    authenticated: true,
    level: 'substantial',
    method: 'permanente',
    person: { document: '99999999R', registration_level: 'advanced' },
    claims: { amr: ['pwd', 'otp', 'sms'], acr: 'http://eidas.europa.eu/LoA/substantial' },
  })
})

t.test('at aeat, which asks for level low, the password alone is enough', async (t) => {
  for (const document of ['99999999R', '99999998T']) {
    const citizen = await atPassword(t, 'aeat')
    await citizen.enterPassword(document)
    const expected = { authenticated: true, level: 'low', method: 'permanente', claims: { amr: ['pwd'] } }
    t.match(await citizen.session('aeat'), expected, document)
  }
  t.strictSame(await sandbox.messages(), [])
})

onBothScreens('who has an authenticator app steps up with it; without it at hand, with an SMS', async (t, screen) => {
  const codeOfApp = await sandbox.enrolApp('99999999R')
  const citizen = await atPassword(t, 'dgt', screen)
  await citizen.enterPassword('99999999R')
  await citizen.look()
  await citizen.enterCode(codeOfApp())
  t.match(await citizen.session('dgt'), { level: 'substantial', claims: { amr: ['pwd', 'otp'] } })
  t.strictSame(await sandbox.messages(), [])

  await citizen.begin('dgt', { prompt: 'login' })
  await citizen.choose('permanente')
  await citizen.enterPassword('99999999R')
  await citizen.unfold('permanente:code.noApp')
  await citizen.look()
  await citizen.press('permanente:code.smsInstead')
  await citizen.enterCode(await sandbox.codeFor('99999999R'))
  t.match(await citizen.session('dgt'), { level: 'substantial', claims: { amr: ['pwd', 'otp', 'sms'] } })
})

byTurns('three codes of the app that are wrong: then it takes an SMS', async (t, screen) => {
  const codeOfApp = await sandbox.enrolApp('99999999R')
  const citizen = await atPassword(t, 'dgt', screen)
  await citizen.enterPassword('99999999R')
  for (let tries = 0; tries < 3; tries++) await citizen.enterCode(wrong(codeOfApp()))
  await citizen.look()
  await citizen.press('permanente:code.smsInstead')
  await citizen.enterCode(await sandbox.codeFor('99999999R'))
  t.match(await citizen.session('dgt'), { authenticated: true })
})

onBothScreens('a wrong password, and nobody learns whose it might be', async (t, screen) => {
  const citizen = await atPassword(t, 'aeat', screen)
  const { say } = citizen
  await citizen.press('permanente:password.continue')
  await citizen.look()
  t.strictSame(await citizen.problems(), [say('authentication:document.empty'), say('permanente:password.empty')])
  await citizen.enterPassword('99999999R', 'a'.repeat(129))
  t.strictSame(await citizen.problems(), [say('permanente:password.long', { most: 128 })])
  const notThis = [say('refusal:PERMANENTE-01-wrong.body'), say('refusal:PERMANENTE-01-wrong.remedy')]
  // Unknown, not registered, registered without Cl@ve Permanente, blocked, and right but for the password.
  for (const document of ['12345678Z', '99999995C', 'X9999999J', '99999991Q', '99999999R']) {
    await citizen.enterPassword(document, 'Clave-Sandbox-2027')
    t.strictSame(await citizen.problems(), notThis, document)
  }
  await citizen.look()
  t.equal(await citizen.page.inputValue('#password'), '', 'a password is never sent back')
})

t.test('five wrong passwords from an unknown browser keep out such browsers, not the owner at home', async (t) => {
  const owner = await atPassword(t, 'aeat')
  await owner.enterPassword('99999999R')
  const stranger = await atPassword(t, 'aeat')
  for (let tries = 0; tries < 5; tries++) await stranger.enterPassword('99999999R', 'wrong')
  t.strictSame(await stranger.problems(), [
    stranger.say('refusal:CITIZEN-02-too-many-tries.body'),
    stranger.say('refusal:CITIZEN-02-too-many-tries.remedy', { count: 15 }),
  ])
  await stranger.enterPassword('99999999R')
  t.equal((await stranger.problems()).length, 2, 'not even with the right one')
  await owner.begin('aeat', { prompt: 'login' })
  await owner.choose('permanente')
  await owner.enterPassword('99999999R')
  t.match(await owner.session('aeat'), { authenticated: true })
})

byTurns('five wrong passwords at home block it', async (t, screen) => {
  const citizen = await atPassword(t, 'aeat', screen)
  await citizen.enterPassword('99999999R')
  await citizen.begin('aeat', { prompt: 'login' })
  await citizen.choose('permanente')
  for (let tries = 0; tries < 5; tries++) await citizen.enterPassword('99999999R', 'wrong')
  await citizen.enterPassword('99999999R')
  await citizen.look()
  t.equal(await citizen.heading(), citizen.say('refusal:PERMANENTE-02-blocked.title'))
  const way = citizen.page.getByRole('link', { name: citizen.say('permanente:recover.start'), exact: true })
  t.equal(await way.getAttribute('href'), '/permanente/recover')
  await citizen.follow('login:refused.another')
  await citizen.choose('pin')
  await citizen.identify('99999999R')
  await citizen.enterPin(await sandbox.codeFor('99999999R'))
  t.match(await citizen.session('aeat'), { authenticated: true, method: 'pin' }, 'another method still works')
})

t.test('a blocked password is told to who knows it, and to the agency', async (t) => {
  const citizen = await atPassword(t, 'dgt')
  await citizen.enterPassword('99999991Q')
  t.equal(await citizen.heading(), citizen.say('refusal:PERMANENTE-02-blocked.title'))
  await citizen.press('login:refused.back', { agency: 'Dirección General de Tráfico' })
  t.match(await citizen.session('dgt'), { error: 'access_denied', error_description: 'The password is blocked.' })
})

byTurns('a password is warned of for thirty days, and ends after two years', async (t, screen) => {
  await sandbox.advance('P700D')
  const citizen = await atPassword(t, 'dgt', screen)
  await citizen.enterPassword('99999999R')
  t.equal(citizen.where(), 'permanente/warning')
  await citizen.look()
  t.match(await citizen.page.locator('main').innerText(), /\b30\b/)
  await citizen.press('permanente:warning.continue')
  await citizen.enterCode(await sandbox.codeFor('99999999R'))
  t.match(await citizen.session('dgt'), { authenticated: true })

  await sandbox.advance('P30D')
  await citizen.begin('dgt')
  await citizen.choose('permanente')
  await citizen.enterPassword('99999999R')
  await citizen.look()
  t.equal(await citizen.heading(), citizen.say('refusal:PERMANENTE-03-expired.title'))
  await citizen.press('login:refused.back', { agency: 'Dirección General de Tráfico' })
  t.match(await citizen.session('dgt'), { error: 'access_denied', error_description: 'The password expired.' })
})

byTurns('three wrong codes kill it, five an hour are sent', async (t, screen) => {
  const citizen = await atPassword(t, 'dgt', screen)
  await citizen.enterPassword('99999999R')
  const code = await sandbox.codeFor('99999999R')
  await citizen.enterCode('12345')
  t.strictSame(await citizen.problems(), [citizen.say('authentication:code.form', { digits: 6 })])
  await citizen.enterCode(wrong(code))
  await citizen.look()
  t.strictSame(await citizen.problems(), [citizen.say('refusal:CODE-01-wrong.body', { count: 2 })])
  for (let tries = 0; tries < 2; tries++) await citizen.enterCode(wrong(code))
  await citizen.look()
  t.equal(await citizen.heading(), citizen.say('refusal:CODE-02-dead.title'))
  await citizen.press('permanente:code.another')
  await citizen.look()
  for (let sent = 2; sent <= 5; sent++) {
    await citizen.unfold('permanente:code.notArrived')
    await citizen.press('permanente:code.another')
  }
  await citizen.look()
  t.strictSame(await citizen.problems(), [
    citizen.say('refusal:CODE-03-too-many.body'),
    citizen.say('refusal:CODE-03-too-many.remedy', { count: 60 }),
  ])
})

t.test('a code is good for ten minutes', async (t) => {
  const citizen = await atPassword(t, 'dgt')
  await citizen.enterPassword('99999999R')
  const code = await sandbox.codeFor('99999999R')
  await sandbox.advance('PT10M')
  await citizen.enterCode(code)
  t.equal(await citizen.heading(), citizen.say('refusal:CODE-02-dead.title'))
})

t.test('a basic registration is too low for dgt: said once the password is right, before any SMS', async (t) => {
  const citizen = await atPassword(t, 'dgt')
  await citizen.enterPassword('99999998T')
  t.equal(await citizen.heading(), citizen.say('refusal:LEVEL-01-registration-too-low.title'))
  t.strictSame(await sandbox.messages(), [])
  await citizen.press('login:refused.back', { agency: 'Dirección General de Tráfico' })
  t.match(await citizen.session('dgt'), { error: 'unmet_authentication_requirements' })
})

t.test('a password manager knows both fields', async (t) => {
  const citizen = await atPassword(t, 'aeat')
  t.equal(await citizen.page.getAttribute('#document', 'autocomplete'), 'username')
  t.equal(await citizen.page.getAttribute('#password', 'autocomplete'), 'current-password')
  t.equal(await citizen.page.getAttribute('#password', 'type'), 'password')
})
