import t from 'tap'
import { closeBrowser } from '../support/chromium.ts'
import { testSandbox } from '../support/sandbox.ts'
import { byTurns, journey, type Journey, leads, onBothScreens, phone, type Screen, wrong } from './journey.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

/** A citizen of aeat on the page of document and contrast. */
async function atPin(t: Parameters<typeof journey>[0], screen?: Screen, agency = 'aeat'): Promise<Journey> {
  const citizen = await journey(t, sandbox, screen)
  await citizen.begin(agency)
  await citizen.choose('pin')
  return citizen
}

onBothScreens('at aeat with Cl@ve PIN: the agency learns who it is and how surely', async (t, screen) => {
  const citizen = await journey(t, sandbox, screen)
  await citizen.begin('aeat')
  await citizen.look()
  await citizen.choose('pin')
  await citizen.look()
  await citizen.identify('99999999R')
  await citizen.look()
  await citizen.enterPin(await sandbox.codeFor('99999999R'))
  await citizen.look()
  t.match(await citizen.session('aeat'), {
    authenticated: true,
    level: 'substantial',
    method: 'pin',
    person: { document: '99999999R', name: 'CARMEN PRUEBA FICTICIA' },
    claims: { amr: ['otp', 'sms'] },
  })
})

t.test(
  'people type as they do: each document and contrast is understood, a basic registration reaches low',
  async (t) => {
    const typed = [
      ['99999999 r', '30-6-2031', '99999999R', 'substantial'],
      ['99.999.998-t', '15/01/2030', '99999998T', 'low'],
      ['99999997E', '2 3 1998', '99999997E', 'low'],
      ['x9999999j', 'e 12345', 'X9999999J', 'substantial'],
      ['Y-9999999-G', 'C9999999', 'Y9999999G', 'low'],
    ] as const
    for (const [document, contrast, known, level] of typed) {
      const citizen = await atPin(t)
      await citizen.identify(document, contrast)
      await citizen.enterPin(await sandbox.codeFor(known))
      t.match(await citizen.session('aeat'), { authenticated: true, level, person: { document: known } }, document)
    }
  },
)

onBothScreens('what is missing or cannot be right is said beside its field', async (t, screen) => {
  const citizen = await atPin(t, screen)
  const { say } = citizen
  const says = async (document: string, contrast: string, ...expected: readonly string[]) => {
    await citizen.identify(document, contrast)
    await citizen.look()
    t.strictSame(await citizen.problems(), expected, `${document} ${contrast}`)
  }
  await says('', '', say('authentication:document.empty'), say('authentication:contrast.empty'))
  await says('99999999A', '30/06/2031', say('authentication:document.letter'))
  await says('9999', '', say('authentication:document.form'), say('authentication:contrast.empty'))
  await says('99999999R', '31/06/2031', say('authentication:contrast.dni.calendar'))
  await says('99999997E', '01/01/9999', say('authentication:contrast.dni.permanent'))
  await says('X9999999J', 'abc', say('authentication:contrast.nie.form'))
  t.equal(await citizen.page.inputValue('#document'), 'X9999999J', 'what was typed is still there')
  await citizen.unfold('pin:identify.ownCharacters')
  await citizen.type('prefix', 'ñ1')
  await says('99999999R', '30/06/2031', say('pin:identify.prefixForm'))
  await citizen.page.locator('.govuk-error-summary a').click()
  t.equal(await citizen.page.evaluate(() => document.activeElement?.id), 'prefix', 'the summary leads into the field')
})

t.test('unknown, unregistered, blocked and deceased people hear the same as those who err', async (t) => {
  const citizen = await atPin(t)
  const { say } = citizen
  for (const document of ['12345678Z', '99999995C', '99999992V', '99999990S', '99999999R']) {
    await citizen.identify(document, '01/01/2029')
    const expected = [say('refusal:CITIZEN-01-not-recognised.body'), say('refusal:CITIZEN-01-not-recognised.remedy')]
    t.strictSame(await citizen.problems(), expected, document)
  }
  await citizen.look()
  t.strictSame(await sandbox.messages(), [], 'and no message goes out')
})

byTurns('too many tries at a document: even the right data wait a quarter of an hour', async (t, screen) => {
  const citizen = await atPin(t, screen)
  for (let tries = 0; tries < 5; tries++) await citizen.identify('99999988J', '01/01/2029')
  await citizen.look()
  await citizen.identify('99999988J')
  t.strictSame(await citizen.problems(), [
    citizen.say('refusal:CITIZEN-02-too-many-tries.body'),
    citizen.say('refusal:CITIZEN-02-too-many-tries.remedy', { count: 15 }),
  ])
  await sandbox.advance('PT15M')
  await citizen.identify('99999988J')
  await citizen.enterPin(await sandbox.codeFor('99999988J'))
  t.match(await citizen.session('aeat'), { authenticated: true })
})

byTurns('three wrong PINs kill it; another one works', async (t, screen) => {
  const citizen = await atPin(t, screen)
  await citizen.identify('99999999R')
  const pin = await sandbox.codeFor('99999999R')
  for (const count of [2, 1]) {
    await citizen.enterPin(wrong(pin))
    t.strictSame(await citizen.problems(), [citizen.say('refusal:PIN-01-wrong.body', { count })])
  }
  await citizen.look()
  await citizen.enterPin('12 34')
  t.strictSame(await citizen.problems(), [citizen.say('authentication:code.form', { digits: 6 })], 'which is no try')
  await citizen.enterPin(wrong(pin))
  await citizen.look()
  t.equal(await citizen.heading(), citizen.say('refusal:PIN-02-dead.title'))
  t.equal(await citizen.page.locator('#code').count(), 0, 'there is nothing to type any more')
  const { origin, pathname } = new URL(citizen.page.url())
  await citizen.page.goto(origin + pathname)
  await citizen.enterPin(pin)
  t.equal(await citizen.heading(), citizen.say('refusal:PIN-02-dead.title'), 'the right one comes too late')
  await citizen.press('pin:code.another')
  await citizen.look()
  await citizen.enterPin(await sandbox.codeFor('99999999R'))
  t.match(await citizen.session('aeat'), { authenticated: true })
})

t.test('a PIN is good for ten minutes, and typed data can be changed', async (t) => {
  const citizen = await atPin(t)
  await citizen.identify('99999999R')
  const pin = await sandbox.codeFor('99999999R')
  await sandbox.advance('PT10M')
  await citizen.enterPin(pin)
  t.equal(await citizen.heading(), citizen.say('refusal:PIN-02-dead.title'))
  await citizen.press('pin:code.change')
  await citizen.identify('X9999999J')
  await citizen.enterPin(await sandbox.codeFor('X9999999J'))
  t.match(await citizen.session('aeat'), { person: { document: 'X9999999J' } })
})

byTurns('five PINs an hour: then only waiting helps, or another method', async (t, screen) => {
  const citizen = await atPin(t, screen)
  await citizen.identify('99999999R')
  for (let asked = 0; asked < 5; asked++) {
    await citizen.unfold('pin:code.notArrived')
    await citizen.press('pin:code.another')
  }
  await citizen.look()
  t.strictSame(await citizen.problems(), [
    citizen.say('refusal:PIN-03-too-many.body'),
    citizen.say('refusal:PIN-03-too-many.remedy', { count: 60 }),
  ])
  await citizen.follow('authentication:otherWay')
  t.equal(citizen.where(), 'choose')
})

onBothScreens('four characters of one’s own belong to the PIN', async (t, screen) => {
  const citizen = await atPin(t, screen)
  await citizen.unfold('pin:identify.ownCharacters')
  await citizen.unfold('pin:identify.where')
  await citizen.type('prefix', 'aB3z')
  await citizen.look()
  await citizen.identify('99999999R')
  await citizen.look()
  const [message] = await sandbox.messages('99999999R')
  t.notMatch(message?.text ?? 'aB3z', /aB3z/i, 'they are not in the SMS')
  const pin = await sandbox.codeFor('99999999R')
  await citizen.enterPin(pin)
  t.strictSame(await citizen.problems(), [citizen.say('refusal:PIN-01-wrong.body', { count: 2 })])
  await citizen.type('prefix', 'AB3Z')
  await citizen.enterPin(pin)
  t.match(await citizen.session('aeat'), { authenticated: true })
})

const cannotGoOn = [
  ['99999995C', 'CITIZEN-03-not-registered', 'The citizen is not registered in Cl@ve.'],
  ['99999990S', 'CITIZEN-04-renounced', 'The citizen gave up the registration in Cl@ve.'],
  ['99999992V', 'CITIZEN-05-deceased', 'The citizen cannot identify.'],
  ['99999993H', 'CITIZEN-06-minor', 'The citizen is not registered in Cl@ve.'],
  ['99999987N', 'PIN-04-no-phone', 'The citizen has no mobile phone on record.'],
] as const
for (const [document, code, description] of cannotGoOn) {
  byTurns(`${code}: a page says what to do, and the agency is told`, async (t, screen) => {
    const citizen = await atPin(t, screen)
    await citizen.identify(document)
    await citizen.look()
    t.equal(await citizen.heading(), citizen.say(`refusal:${code}.title`))
    t.match(await citizen.page.locator('main').innerText(), citizen.say(`refusal:${code}.remedy`))
    const another = await citizen.page.getByRole('link', { name: citizen.say('login:refused.another') }).count()
    t.equal(another, code === 'PIN-04-no-phone' ? 1 : 0, 'another way is offered where it could help')
    await citizen.press('login:refused.back', { agency: 'Agencia Tributaria' })
    await citizen.look()
    const told = { authenticated: false, error: 'access_denied', error_description: description }
    t.match(await citizen.session('aeat'), told)
    t.strictSame(await sandbox.messages(), [])
  })
}

onBothScreens(
  'a basic registration is too low for dgt: said before any SMS, with the way to raise it',
  async (t, screen) => {
    const citizen = await atPin(t, screen, 'dgt')
    await citizen.identify('99999998T')
    await citizen.look()
    t.equal(await citizen.heading(), citizen.say('refusal:LEVEL-01-registration-too-low.title'))
    t.strictSame(await sandbox.messages(), [])
    await citizen.press('login:refused.back', { agency: 'Dirección General de Tráfico' })
    t.match(await citizen.session('dgt'), { authenticated: false, error: 'unmet_authentication_requirements' })
  },
)

t.test('a PIN can be pasted with spaces, and phones and password managers know the fields', async (t) => {
  const citizen = await journey(t, sandbox, phone, { permissions: ['clipboard-read', 'clipboard-write'] })
  await citizen.begin('aeat', { login_hint: '99999999R' })
  await citizen.choose('pin')
  t.equal(await citizen.page.inputValue('#document'), '99999999R', 'the hint of the agency is filled in')
  t.equal(await citizen.page.getAttribute('#document', 'autocomplete'), 'username')
  await citizen.identify('99999999R')
  const code = citizen.page.locator('#code')
  t.equal(await code.getAttribute('autocomplete'), 'one-time-code')
  t.equal(await code.getAttribute('inputmode'), 'numeric')
  const pin = await sandbox.codeFor('99999999R')
  await citizen.page.evaluate((text) => navigator.clipboard.writeText(text), ` ${pin.slice(0, 3)} ${pin.slice(3)} `)
  await code.focus()
  await citizen.page.keyboard.press('Control+V')
  await leads(citizen.page, () => citizen.page.keyboard.press('Enter'))
  t.match(await citizen.session('aeat'), { authenticated: true })
})
