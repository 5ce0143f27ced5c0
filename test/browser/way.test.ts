import t from 'tap'
import { closeBrowser } from '../support/chromium.ts'
import { testSandbox } from '../support/sandbox.ts'
import { journey, leads, wrong } from './journey.ts'
import { arriveAt, pages } from './pages.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

const cancelled = {
  authenticated: false,
  error: 'access_denied',
  error_description: 'The citizen cancelled the login.',
}

for (const page of Object.keys(pages) as (keyof typeof pages)[]) {
  const { agency } = pages[page]
  t.test(`"cancel" on the page "${page}" leads back to the agency, which is told`, async (t) => {
    const citizen = await arriveAt(t, sandbox, page)
    const name = agency === 'aeat' ? 'Agencia Tributaria' : 'Dirección General de Tráfico'
    await citizen.press('platform:layout.cancel', { name })
    t.equal(citizen.where(), `${sandbox.agenciesUrl}/${agency}`)
    t.match(await citizen.session(agency), cancelled)
  })

  t.test(`the page "${page}" can be read again, and in the other language`, async (t) => {
    const citizen = await arriveAt(t, sandbox, page)
    await citizen.page.reload()
    t.equal(citizen.where(), page)
    const heading = await citizen.heading()
    await leads(citizen.page, () => citizen.page.getByRole('link', { name: 'English' }).click())
    t.equal(citizen.where(), page)
    t.not(await citizen.heading(), heading)
    t.equal(await citizen.page.getAttribute('html', 'lang'), 'en')
    await leads(citizen.page, () => citizen.page.getByRole('link', { name: 'Castellano' }).click())
    t.equal(await citizen.heading(), heading)
  })
}

t.test('the agency may suggest a language; what the citizen chose goes before', async (t) => {
  const citizen = await journey(t, sandbox)
  const language = () => citizen.page.getAttribute('html', 'lang')
  await citizen.begin('aeat', { ui_locales: 'fr en es' })
  t.equal(await language(), 'en')
  await leads(citizen.page, () => citizen.page.getByRole('link', { name: 'Castellano' }).click())
  await citizen.begin('aeat', { ui_locales: 'en' })
  t.equal(await language(), 'es')
})

t.test('the back button: a page that is over leads to where the login stands, and nothing is sent twice', async (t) => {
  const citizen = await arriveAt(t, sandbox, 'pin/code')
  await citizen.page.goBack()
  t.equal(citizen.where(), 'pin/code', 'the form that was sent is not shown again')
  t.equal((await sandbox.messages()).length, 1)
  await citizen.follow('authentication:otherWay')
  await citizen.page.goBack()
  t.equal(citizen.where(), 'pin/code', 'looking at the choice of method lost nothing')
  await citizen.page.goForward()
  t.equal(citizen.where(), 'choose')
  await citizen.choose('permanente')
  await citizen.enterPassword('99999999R')
  t.match(await citizen.session('aeat'), { authenticated: true, method: 'permanente' })
})

t.test('the back button after the end leads back to the agency: the login is not repeated', async (t) => {
  const citizen = await arriveAt(t, sandbox, 'pin/code')
  const page = citizen.page.url()
  await citizen.enterPin(await sandbox.codeFor('99999999R'))
  const { claims } = await citizen.session('aeat')
  await citizen.page.goBack()
  await citizen.page.goto(page)
  await citizen.look()
  t.equal(await citizen.heading(), citizen.say('refusal:LOGIN-04-unknown.title'), 'an answered login is over')
  t.equal(await citizen.page.getByRole('button', { name: 'Volver a Agencia Tributaria' }).count(), 1)
  await leads(citizen.page, () => citizen.page.getByRole('button', { name: 'Volver a Agencia Tributaria' }).click())
  t.strictSame((await citizen.session('aeat')).claims, claims, 'the agency’s session is as it was')
})

t.test('a reload sends nothing again: it costs no try, and a right PIN logs in once', async (t) => {
  const citizen = await arriveAt(t, sandbox, 'pin/code')
  const pin = await sandbox.codeFor('99999999R')
  await citizen.enterPin(wrong(pin))
  const twoLeft = citizen.say('refusal:PIN-01-wrong.body', { count: 2 })
  for (let times = 0; times < 3; times++) {
    t.strictSame(await citizen.problems(), [twoLeft])
    await citizen.page.reload()
  }
  await citizen.enterPin(pin)
  t.match(await citizen.session('aeat'), { authenticated: true })
  await citizen.page.reload()
  t.match(await citizen.session('aeat'), { authenticated: true })
})

t.test('wrong, right, back: a page explains and leads to the agency', async (t) => {
  const citizen = await arriveAt(t, sandbox, 'pin/code')
  const pin = await sandbox.codeFor('99999999R')
  await citizen.enterPin(wrong(pin))
  await citizen.enterPin(pin)
  await citizen.session('aeat')
  await leads(citizen.page, () => citizen.page.goBack())
  t.equal(await citizen.heading(), citizen.say('refusal:LOGIN-04-unknown.title'))
  t.equal(await citizen.page.getByRole('button', { name: 'Volver a Agencia Tributaria' }).count(), 1)
})

t.test('what was wrong is said in the language that is chosen then, with what was typed', async (t) => {
  const citizen = await arriveAt(t, sandbox, 'pin')
  await citizen.identify('99999999R', '01/01/2030')
  const spanish = await citizen.problems()
  await leads(citizen.page, () => citizen.page.getByRole('link', { name: 'English' }).click())
  const english = await citizen.problems()
  t.equal(english.length, spanish.length)
  t.notSame(english, spanish)
  t.equal(await citizen.page.inputValue('[name=document]'), '99999999R')
})

t.test('two tabs of one login: what one does the other follows, and the end is answered once', async (t) => {
  const one = await arriveAt(t, sandbox, 'pin')
  const two = await one.tab()
  await two.page.goto(one.page.url())
  await one.identify('99999999R')
  await two.identify('X9999999J')
  t.equal(two.where(), 'pin/code', 'the slower tab is led to where the login stands')
  t.match(await two.page.locator('main').innerText(), '001', 'of the first one’s citizen')
  t.strictSame(await sandbox.messages('X9999999J'), [], 'and no other SMS goes out')
  const pin = await sandbox.codeFor('99999999R')
  await one.enterPin(pin)
  t.match(await one.session('aeat'), { authenticated: true, person: { document: '99999999R' } })
  await two.enterPin(pin)
  await two.look()
  t.equal(await two.heading(), two.say('refusal:LOGIN-04-unknown.title'))
})

t.test('two logins in two tabs: each agency gets its own answer', async (t) => {
  const one = await arriveAt(t, sandbox, 'pin/code')
  const two = await one.tab()
  await pages['permanente/code'].go(two, sandbox)
  await one.enterPin(await sandbox.codeFor('99999999R'))
  await two.enterCode(await sandbox.codeFor('99999999R'))
  t.match(await one.session('aeat'), { authenticated: true, method: 'pin' })
  t.match(await one.session('dgt'), { authenticated: true, method: 'permanente' })
})

t.test('two logins of one agency in two tabs: both come back', async (t) => {
  const one = await arriveAt(t, sandbox, 'pin/code')
  const two = await one.tab()
  await two.begin('aeat')
  await two.cancel()
  t.match(await two.session('aeat'), cancelled)
  await one.enterPin(await sandbox.codeFor('99999999R'))
  t.match(await one.session('aeat'), { authenticated: true })
})
