import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { TextKey } from '../../src/platform/index.ts'
import type { SentMessage } from '../../src/sandbox/parts.ts'
import { journey, leads, type Journey } from '../browser/journey.ts'
import { closeBrowser } from '../support/chromium.ts'
import { need } from '../support/need.ts'
import { testSandbox } from '../support/sandbox.ts'
import { until } from '../support/until.ts'

// From outside: what somebody has who started the sandbox, that is a browser, HTTP, and the JSON for tests.

t.setTimeout(240_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(async () => {
  read = undefined
  await sandbox.reset()
})

const document = '99999995C'
const phone = '600 00 00 07'
const password = 'roble verde 26'

const run = promisify(execFile)

/** The text of a PDF, by somebody else's reader. */
async function textOf(t: Test, pdf: Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clave-test-pdf-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'a.pdf'), pdf)
  return (await run('pdftotext', ['-layout', join(folder, 'a.pdf'), '-'])).stdout
}

async function pdfAt(url: string): Promise<Buffer> {
  const answer = await fetch(new URL(url, sandbox.url))
  if (answer.headers.get('content-type') !== 'application/pdf') throw new Error(`${url} is no PDF`)
  return Buffer.from(await answer.arrayBuffer())
}

type Shown = Readonly<Record<string, string | null>>
async function secretsOf(wanted: string): Promise<Shown> {
  const found = (await sandbox.api<Shown[]>('citizens')).body.find((one) => one['document'] === wanted)
  if (!found) throw new Error(`GET citizens has no ${wanted}`)
  return found
}
/** 2032-02-28 as a person types it. */
const typedDay = (day: string): string => day.split('-').reverse().join('/')

let read: string | undefined
/** The code of the next SMS, as soon as it is there. The letter and the receipt have codes as well. */
async function nextSms(): Promise<string> {
  let next: SentMessage | undefined
  await until(async () => {
    next = (await sent('sms', read)).find(({ code }) => code !== undefined)
    return next !== undefined
  })
  read = next?.id
  return next?.code ?? ''
}

async function sent(channel: 'sms' | 'email' | 'letter', after?: string): Promise<readonly SentMessage[]> {
  const query = new URLSearchParams({ document, channel, ...(after === undefined ? {} : { after }) })
  return (await sandbox.api<SentMessage[]>(`messages?${query}`)).body
}

async function identify(citizen: Journey, path: string): Promise<void> {
  const { contrast } = await secretsOf(document)
  await citizen.page.goto(sandbox.url + path)
  await citizen.type('document', document)
  await citizen.press('register:continue')
  await citizen.type('contrast', typedDay(contrast ?? ''))
  await citizen.press('register:continue')
}

async function askLetter(t: Test): Promise<void> {
  const citizen = await journey(t, sandbox)
  await identify(citizen, '/register')
  await citizen.press('register:letter.ask')
  await citizen.press('register:request.send')
  t.equal(await citizen.heading(), citizen.say('register:asked.title'))
}

/** The CSV that is printed on the letter. */
async function csvFromLetter(t: Test): Promise<string> {
  const letters = await sent('letter')
  t.equal(letters.length, 1, 'one letter')
  const text = await textOf(t, await pdfAt(letters[0]?.url ?? ''))
  t.match(text, 'NEREA ETXEBERRIA AGIRRE')
  t.match(text, '48000 Bilbao')
  const [csv = ''] = /\b(?:[2-9A-HJ-NP-Z]{4} ){3}[2-9A-HJ-NP-Z]{4}\b/.exec(text) ?? []
  return csv
}

/** With the letter; answers the receipt that the last page hands over. */
async function register(t: Test, csv: string): Promise<Journey> {
  const { iban, email } = await secretsOf(document)
  const citizen = await journey(t, sandbox)
  await identify(citizen, '/register/letter')
  await citizen.type('csv', csv)
  await citizen.press('register:continue')
  await citizen.type('phone', phone)
  await citizen.type('email', email ?? '')
  await citizen.type('iban', iban ?? '')
  await citizen.press('register:contact.send')
  await citizen.type('code', await nextSms())
  await citizen.press('register:continue')
  await citizen.page.getByLabel(citizen.say('register:confirm.terms')).check()
  await citizen.press('register:confirm.register')
  t.equal(await citizen.heading(), citizen.say('register:done.title'))
  return citizen
}

/** The activation code, out of the receipt that the page hands over and out of the one that came by e-mail. */
async function activationFromReceipt(t: Test, { page, say }: Journey): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: say('register:done.download') }).click(),
  ])
  const { stdout } = await run('pdftotext', ['-layout', await download.path(), '-'])
  const [, code = ''] = /^\s*([0-9A-HJKMNP-TV-Z]{5} [0-9A-HJKMNP-TV-Z]{5})\s*$/m.exec(stdout) ?? []
  t.match(stdout, 'NEREA ETXEBERRIA AGIRRE')
  const receipts = async () => (await sent('email')).flatMap(({ attachments = [] }) => attachments)
  await until(async () => (await receipts()).length > 0)
  const [mailed, ...others] = await receipts()
  t.same(others, [], 'the receipt came by e-mail as well, once')
  t.match(await textOf(t, await pdfAt(mailed?.url ?? '')), code)
  return code
}

async function activate(t: Test, activation: string): Promise<void> {
  const { email } = await secretsOf(document)
  const citizen = await journey(t, sandbox)
  await citizen.page.goto(`${sandbox.url}/permanente/activate`)
  await citizen.type('document', document)
  await citizen.type('email', email ?? '')
  await citizen.type('activation', activation)
  await citizen.press('permanente:activation.send')
  await citizen.enterCode(await nextSms())
  await citizen.type('password', password)
  await citizen.press('permanente:choose.save')
  t.equal(await citizen.heading(), citizen.say('permanente:done.activate'))
}

type Agency = 'aeat' | 'sepe' | 'dgt' | 'seguridad-social' | 'interior'
const methods = ['pin', 'permanente'] as const
type Method = (typeof methods)[number]

/** From the agency's link to wherever Cl@ve leads: a page of its own, or back. */
async function begin(t: Test, agency: Agency): Promise<Journey> {
  const citizen = await journey(t, sandbox)
  await citizen.begin(agency)
  await citizen.page.waitForURL(/\/login\/[^/]+\/|\/(aeat|sepe|dgt|seguridad-social|interior)$/)
  return citizen
}

const typeIn: Readonly<Record<Method, (citizen: Journey) => Promise<void>>> = {
  pin: async (citizen) => citizen.identify(document, typedDay((await secretsOf(document))['contrast'] ?? '')),
  permanente: (citizen) => citizen.enterPassword(document, password),
}

const back = (citizen: Journey, agency: Agency) => citizen.page.waitForURL(`${sandbox.agenciesUrl}/${agency}`)

/** Logs in, and answers what the agency got. */
async function logIn(t: Test, agency: Agency, method: Method) {
  const citizen = await begin(t, agency)
  await citizen.choose(method)
  await typeIn[method](citizen)
  if (method === 'pin') await citizen.enterPin(await nextSms())
  await back(citizen, agency)
  return citizen.session(agency)
}

/** Tries to, is told why not, and lets the agency be told; answers what it was. */
async function refused(t: Test, agency: Agency, method: Method, code: 'LEVEL-01-registration-too-low') {
  const citizen = await begin(t, agency)
  await citizen.choose(method)
  await typeIn[method](citizen)
  t.equal(await citizen.heading(), citizen.say(`refusal:${code}.title`), `${agency}, ${method}`)
  const remedy: TextKey = `refusal:${code}.remedy`
  t.match(await citizen.page.locator('main').innerText(), citizen.say(remedy), 'with the way to get there')
  await leads(citizen.page, () => citizen.page.locator('main .govuk-button').first().click())
  await back(citizen, agency)
  return citizen.session(agency)
}

t.test(
  'the letter is asked for, its CSV read off the PDF, registered with it, Permanente activated by the receipt, and each agency gets what a basic registration gives',
  { skip: need('pdftotext') },
  async (t) => {
    await askLetter(t)
    const csv = await csvFromLetter(t)
    t.match(csv, /^(\w{4} ){3}\w{4}$/)
    const activation = await activationFromReceipt(t, await register(t, csv))
    t.match(activation, /^\w{5} \w{5}$/)
    await activate(t, activation)
    for (const method of methods) {
      const person = { document, given_name: 'NEREA' }
      t.match(await logIn(t, 'aeat', method), { authenticated: true, level: 'low', person }, `aeat, ${method}`)
      t.match(
        await logIn(t, 'sepe', method),
        { authenticated: true, level: 'low', protocol: 'saml' },
        `sepe, ${method}`,
      )
      const sms = (await sandbox.messages(document)).length
      const tooLow = 'LEVEL-01-registration-too-low'
      t.match(await refused(t, 'dgt', method, tooLow), {
        authenticated: false,
        error: 'unmet_authentication_requirements',
      })
      t.match(await refused(t, 'seguridad-social', method, tooLow), {
        authenticated: false,
        error: 'NoAuthnContext',
        error_description: /^003007 - /,
      })
      t.equal((await sandbox.messages(document)).length, sms, 'and no SMS was sent for nothing')
    }
    const citizen = await begin(t, 'interior')
    await back(citizen, 'interior')
    t.match(await citizen.session('interior'), {
      authenticated: false,
      error: 'unmet_authentication_requirements',
    })
  },
)

t.test('the letter and the activation code are worth nothing a second time', { skip: need('pdftotext') }, async (t) => {
  await askLetter(t)
  const csv = await csvFromLetter(t)
  const activation = await activationFromReceipt(t, await register(t, csv))
  const again = await journey(t, sandbox)
  await identify(again, '/register/letter')
  t.equal(await again.heading(), again.say('refusal:REGISTER-04-already-registered.title'))
  await activate(t, activation)
  await again.page.goto(`${sandbox.url}/permanente/activate`)
  await again.type('document', document)
  await again.type('email', (await secretsOf(document))['email'] ?? '')
  await again.type('activation', activation)
  await again.press('permanente:activation.send')
  t.same(await again.problems(), [
    again.say('permanente:activation.wrong'),
    again.say('permanente:activation.wrongRemedy'),
  ])
})
