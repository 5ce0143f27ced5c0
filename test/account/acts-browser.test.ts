import t, { type Test } from 'tap'
import { desktop, journey, onBothScreens, type Journey, type Screen } from '../browser/journey.ts'
import { closeBrowser } from '../support/chromium.ts'
import { testSandbox } from '../support/sandbox.ts'
import { until } from '../support/until.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)

const sandbox = await testSandbox(t)
const carmen = '99999999R'

/** The code that was sent to this address. */
async function codeTo(address: string): Promise<string> {
  let code: string | undefined
  await until(async () => {
    code = (await sandbox.messages()).find(({ to }) => to === address)?.code
    return code !== undefined
  })
  return code ?? ''
}

/** In Mi Cl@ve, identified just now by a code. */
async function inside(
  t: Test,
  screen: Screen = desktop,
  document = carmen,
  options: Parameters<typeof journey>[3] = {},
): Promise<Journey & { go(path: string): Promise<void> }> {
  await sandbox.reset()
  await sandbox.api('next-login', { citizen: document, method: 'pin' })
  const citizen = await journey(t, sandbox, screen, options)
  const go = async (path: string) => void (await citizen.page.goto(`${sandbox.url}/account${path}`))
  await go('')
  return { ...citizen, go }
}

onBothScreens('each page of the acts can be read and used by everybody', async (t, screen) => {
  const citizen = await inside(t, screen)
  for (const path of [
    '/email',
    '/phone',
    '/phone/end',
    '/password',
    '/authenticator',
    '/activation-code',
    '/download',
    '/renuncia',
  ]) {
    await citizen.go(path)
    t.equal(new URL(citizen.page.url()).pathname, `/account${path}`)
    await citizen.look()
  }
})

onBothScreens('every error and every end as well', async (t, screen) => {
  const citizen = await inside(t, screen)
  const { page } = citizen
  await citizen.go('/email')
  await citizen.type('email', 'josé')
  await citizen.press('account:email.send')
  await citizen.look()
  await citizen.type('email', 'otra.direccion@correo.example')
  await citizen.press('account:email.send')
  await citizen.look()
  await citizen.press('account:email.prove')
  t.same(await citizen.problems(), [citizen.say('account:email.codeForm', { digits: 6 })])
  await citizen.look()
  await citizen.type('code', await codeTo('otra.direccion@correo.example'))
  await citizen.press('account:email.prove')
  t.match(await page.locator('[role=status]').first().innerText(), citizen.say('account:told.emailProven'))
  await citizen.look()
  await citizen.go('/password')
  await citizen.type('password', 'corta')
  await citizen.press('permanente:choose.save')
  await citizen.look()
  await citizen.go('/phone/end')
  await citizen.press('account:phone.endNow')
  t.same(await citizen.problems(), [citizen.say('account:phone.whyEmpty')])
  await citizen.look()
  await page.getByLabel(citizen.say('account:phone.whyMine')).check()
  await citizen.press('account:phone.endNow')
  t.match(await page.locator('[role=status]').first().innerText(), citizen.say('account:told.phoneEnded.by-citizen'))
  await citizen.look()
  await citizen.go('/activation-code')
  await citizen.press('account:activation.issue')
  await citizen.look()
  const [receipt] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: citizen.say('account:activation.download') }).click(),
  ])
  t.equal(receipt.suggestedFilename(), citizen.say('account:activation.sheet.file'))
  await citizen.go('/renuncia')
  await citizen.press('account:renuncia.giveUp')
  t.same(await citizen.problems(), [citizen.say('account:renuncia.notUnderstood')])
  await citizen.look()
  await page.check('#understood')
  await citizen.press('account:renuncia.giveUp')
  t.equal(await citizen.heading(), citizen.say('account:renuncia.doneTitle'))
  await citizen.look()
  const [paper] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: citizen.say('account:renuncia.receipt') }).click(),
  ])
  t.equal(paper.suggestedFilename(), citizen.say('account:renuncia.sheet.file'))
})

t.test('without JavaScript everything works', async (t) => {
  const citizen = await inside(t, desktop, '99999998T', { javaScriptEnabled: false })
  const { page } = citizen
  await citizen.go('/email')
  await page.fill('#email', 'sin.guion@correo.example')
  await page.getByRole('button', { name: citizen.say('account:email.send') }).click()
  await page.fill('#code', await codeTo('sin.guion@correo.example'))
  await page.getByRole('button', { name: citizen.say('account:email.prove') }).click()
  t.match(await page.locator('.clave-told').innerText(), citizen.say('account:told.emailProven'))
  await citizen.go('/renuncia')
  await page.check('#understood')
  await page.getByRole('button', { name: citizen.say('account:renuncia.giveUp') }).click()
  t.equal(await citizen.heading(), citizen.say('account:renuncia.doneTitle'))
})

t.test('the keyboard alone is enough to give up, and the tick is asked for', async (t) => {
  const citizen = await inside(t)
  const { page } = citizen
  await citizen.go('/renuncia')
  await page.locator('#understood').focus()
  await page.keyboard.press('Tab')
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')])
  t.equal(await page.evaluate(() => document.activeElement?.className), 'govuk-error-summary')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  t.equal(await page.evaluate(() => document.activeElement?.id), 'understood')
  await page.keyboard.press('Space')
  await page.keyboard.press('Tab')
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')])
  t.equal(await citizen.heading(), citizen.say('account:renuncia.doneTitle'))
})
