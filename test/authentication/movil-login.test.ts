import t from 'tap'
import { isRefusal } from '../../src/refusal/index.ts'
import { activePhone, decided, newPhone, other, refusedWith, right } from './movil-scene.ts'
import { codeIn, movilService, newsOf, outcomeIn, tokenIn, type MovilService } from './movil-service.ts'
import { codeOf } from './scene.ts'

const carmen = { document: '99999999R', contrast: '30/06/2031' }
/** Registered, with no phone that has Cl@ve Móvil. */
const luis = { document: '99999998T', contrast: '15/01/2030' }

/** A login that was asked by document and contrast. */
async function asked(s: MovilService, who = carmen) {
  const waiting = await s.atQr()
  await waiting.browser.submit(`${waiting.login}/movil`, { action: 'document' })
  return { ...waiting, page: await waiting.browser.submit(`${waiting.login}/movil/document`, who) }
}

t.test('Cl@ve PIN is part of the tile of Cl@ve Móvil, which is begun by a form', async (t) => {
  const s = await movilService(t)
  const { first } = await s.begin()
  t.match(first.body, /<button type="submit" name="method" value="movil" class="clave-tile">/)
  t.match(first.body, /<a class="clave-tile-within govuk-link" href="[^"]+\/pin">/)
  t.notMatch(first.body, /class="clave-tile" href="[^"]+\/pin"/, 'it has no tile of its own')
  const { first: without } = await s.begin({ excluded: ['pin'] })
  t.notMatch(without.body, /clave-tile-within/, 'AEATIdP switches the SMS PIN off, and nothing else')
  t.match(without.body, /value="movil"/)
  const { first: neither } = await s.begin({ excluded: ['pin', 'movil'] })
  t.match(neither.at, /\/permanente$/, 'CLVMOVILIdP switches both off')
  const { first: alone, browser, login } = await s.begin({ excluded: ['permanente'] })
  t.match(alone.at, /\/movil$/, 'the only tile there is, is not asked for')
  t.match(await browser.submit(`${login}/choose`, { method: 'pin' }), { at: `${login}/pin` })
})

t.test('the QR is scanned, the code compared, the approval signed; the page goes on to who it is', async (t) => {
  const s = await movilService(t)
  const phone = await activePhone(s)
  const waiting = await s.atQr()
  const { browser, login, page } = waiting
  t.match(page, { status: 200, at: `${login}/movil` })
  t.match(page.body, /Compruebe que la aplicación muestra este mismo código y el nombre de Agencia Tributaria/)
  t.match(await newsOf(waiting), { standing: 'waiting', decided: false, seconds: 300 })
  const shown = right(await s.scan(phone, page))
  t.match(shown, { agency: 'Agencia Tributaria', code: codeIn(page), path: 'qr' })
  t.match(await newsOf(waiting), { standing: 'scanned', decided: false, qr: undefined })
  t.equal(await decided(s, phone, shown, 'approve'), 'approve')
  t.match(await newsOf(waiting), { standing: 'approved', decided: true })
  t.match((await browser.get(`${login}/movil`)).body, /Continuar/, 'without a script there is a button')
  const who = outcomeIn(await browser.submit(`${login}/movil`))
  t.match(who, { method: 'movil', level: 'substantial', factors: ['hwk', 'user'], device: phone.device })
  const [event] = (await s.told((who as { citizen: string }).citizen)).filter(({ kind }) => kind === 'login')
  t.match(event?.data, { method: 'movil', device: phone.device, factors: ['hwk', 'user'] }, 'the evidence is kept')
})

t.test('a denial ends the login, and the agency hears that it was one; a report says more', async (t) => {
  const s = await movilService(t)
  const phone = await activePhone(s)
  for (const [decision, code] of [
    ['deny', 'MOVIL-05-denied'],
    ['report', 'MOVIL-09-reported'],
  ] as const) {
    const { browser, login, page } = await s.atQr()
    await decided(s, phone, right(await s.scan(phone, page)), decision)
    const refused = await browser.submit(`${login}/movil`)
    t.match(refused, { at: `${login}/refused`, status: 403 })
    t.match(outcomeIn(await browser.submit(`${login}/refused`)), { refused: code })
  }
})

t.test(
  'whoever cancels, or goes another way, takes the request back: nothing that waits can be approved',
  async (t) => {
    const s = await movilService(t)
    const phone = await activePhone(s)
    const ways = {
      cancel: (login: string): readonly [string, Record<string, string>] => [`${login}/cancel`, {}],
      'another method': (login: string): readonly [string, Record<string, string>] => [
        `${login}/choose`,
        { method: 'permanente' },
      ],
      'by document': (login: string): readonly [string, Record<string, string>] => [
        `${login}/movil`,
        { action: 'document' },
      ],
      'another QR': (login: string): readonly [string, Record<string, string>] => [
        `${login}/movil`,
        { action: 'again' },
      ],
    } as const
    for (const [way, go] of Object.entries(ways)) {
      const unscanned = await s.atQr()
      await unscanned.browser.post(...go(unscanned.login))
      t.equal(refusedWith(await s.scan(phone, unscanned.page)), 'MOVIL-06-qr-old', `${way}: the QR is worth nothing`)
      const scanned = await s.atQr()
      const shown = right(await s.scan(phone, scanned.page))
      await scanned.browser.post(...go(scanned.login))
      t.equal(refusedWith(await decided(s, phone, shown, 'approve')), 'MOVIL-01-gone', `${way}: nothing to approve`)
    }
  },
)

t.test('the QR is renewed every 30 s, the code stays; after 5 minutes both are others', async (t) => {
  const s = await movilService(t)
  const phone = await activePhone(s)
  const waiting = await s.atQr()
  const { browser, login, page } = waiting
  s.clock.advance(30)
  const renewed = await newsOf(waiting)
  t.not(renewed['href'], page.body && `https://clave.example/app/scan#${tokenIn(page)}`)
  t.equal(codeIn(await browser.get(`${login}/movil`)), codeIn(page))
  s.clock.advance(60)
  t.equal(refusedWith(await s.scan(phone, page)), 'MOVIL-06-qr-old', 'a photograph of the first is worth nothing')
  s.clock.advance(215)
  t.match(await newsOf(waiting), { standing: 'waiting', seconds: 0, qr: undefined }, 'the time is over')
  const again = await browser.submit(`${login}/movil`, { action: 'again' })
  t.not(codeIn(again), codeIn(page))
  const shown = right(await s.scan(phone, again))
  await decided(s, phone, shown, 'approve')
  t.match(outcomeIn(await browser.submit(`${login}/movil`)), { method: 'movil' })
})

t.test('an approval of the last second reaches the page, however late that asks', async (t) => {
  const s = await movilService(t)
  const phone = await activePhone(s)
  const { browser, login, page } = await s.atQr()
  const shown = right(await s.scan(phone, page))
  s.clock.advance(299)
  await decided(s, phone, shown, 'approve')
  s.clock.advance(20)
  t.match(outcomeIn(await browser.submit(`${login}/movil`)), { method: 'movil' })
})

t.test('only the browser that began a login learns of it and goes on with it', async (t) => {
  const s = await movilService(t)
  const phone = await activePhone(s)
  const victim = await s.atQr()
  const attacker = await s.begin()
  for (const path of ['movil', 'movil/news', 'movil/events'])
    t.match((await attacker.browser.get(`${victim.login}/${path}`)).status, 403, path)
  await decided(s, phone, right(await s.scan(phone, victim.page)), 'approve')
  t.match(await attacker.browser.submit(`${victim.login}/movil`), { status: 403 })
  t.match(outcomeIn(await victim.browser.submit(`${victim.login}/movil`)), { method: 'movil' })
})

t.test('of 20 submissions after the approval one ends the login; all are led to its end', async (t) => {
  const s = await movilService(t)
  const phone = await activePhone(s)
  const { browser, login, page } = await s.atQr()
  await decided(s, phone, right(await s.scan(phone, page)), 'approve')
  const answers = await Promise.all(Array.from({ length: 20 }, () => browser.post(`${login}/movil`)))
  t.equal(answers.filter(({ cookies }) => cookies.includes('clave-session')).length, 1, 'one session')
  for (const { status } of answers) t.equal(status, 303)
})

t.test(
  'on the document path the code is typed in the app; the page looks alike with a phone and without one',
  async (t) => {
    const s = await movilService(t)
    const phone = await activePhone(s)
    const { browser, login, page } = await asked(s)
    t.match(page, { status: 200, at: `${login}/movil/request` })
    const none = await asked(s, luis)
    const alike = ({ body, at }: typeof page) =>
      body
        .replaceAll(at.split('/')[2] ?? '', 'L')
        .replace(/\d{3} \d{3}/, 'C')
        .replace(/(nonce|value)="[\w-]{16,}"/g, '')
    t.equal(alike(none.page), alike(page), 'letter by letter')
    const { openPending } = await import('../../src/authentication/movil/claim-request.ts')
    const { callOf } = await import('./movil-scene.ts')
    const shown = await openPending(s.parts, await callOf(s, phone))
    if (!shown) throw new Error('nothing waits')
    t.equal(shown.code, undefined, 'the phone is not told what it is')
    t.equal(refusedWith(await decided(s, phone, shown, 'approve', { code: '000000' })), 'MOVIL-03-wrong-code')
    t.equal(await decided(s, phone, shown, 'approve', { code: codeIn(page) }), 'approve')
    t.match(outcomeIn(await browser.submit(`${login}/movil/request`)), { method: 'movil', level: 'substantial' })
  },
)

t.test('one request at a time: the page whose request was replaced says so and offers another', async (t) => {
  const s = await movilService(t)
  await activePhone(s)
  const first = await asked(s)
  await asked(s)
  t.match(await newsOf(first, 'movil/request'), { standing: 'gone', decided: false, seconds: 0 })
  const said = await first.browser.submit(`${first.login}/movil/request`)
  t.equal(said.status, 410)
  t.match(said.body, /value="again"/)
  const again = await first.browser.submit(`${first.login}/movil/request`, { action: 'again' })
  t.match(again, { status: 200, at: `${first.login}/movil/request` })
  t.match(again.body, /Hemos enviado otro aviso/)
})

t.test('nothing confirmed in 60 seconds: an SMS with a PIN, without typing anything again; not before', async (t) => {
  const s = await movilService(t)
  const phone = await activePhone(s)
  const { browser, login, page } = await asked(s)
  t.match(page.body, /data-part="offer" hidden/)
  const early = await browser.submit(`${login}/movil/request`, { action: 'pin' })
  t.match(early, { at: `${login}/movil/request` }, 'a request made before its time sends nothing')
  s.clock.advance(60)
  t.match((await browser.get(`${login}/movil/request`)).body, /data-part="offer">/)
  const code = await browser.submit(`${login}/movil/request`, { action: 'pin' })
  t.match(code, { status: 200, at: `${login}/pin/code` })
  const { openPending } = await import('../../src/authentication/movil/claim-request.ts')
  const { callOf } = await import('./movil-scene.ts')
  t.equal(await openPending(s.parts, await callOf(s, phone)), undefined, 'nothing waits in the phone any more')
  const who = outcomeIn(await browser.submit(`${login}/pin/code`, { code: codeOf(s.sent.at(-1)) }))
  t.match(who, { method: 'pin', factors: ['otp', 'sms'] })
})

t.test('an agency that takes no SMS PIN offers none here either', async (t) => {
  const s = await movilService(t)
  const { browser, login, page } = await s.atQr({ excluded: ['pin'] })
  t.notMatch(page.body, /value="pin"/)
  await browser.submit(`${login}/movil`, { action: 'document' })
  await browser.submit(`${login}/movil/document`, carmen)
  s.clock.advance(60)
  const asks = await browser.submit(`${login}/movil/request`, { action: 'pin' })
  t.match(asks, { at: `${login}/movil/request` })
  t.notMatch(asks.body, /value="pin"/)
})

t.test('a basic registration hears at the scan that it does not reach substantial, and so does its page', async (t) => {
  const s = await movilService(t)
  const { citizen } = await import('./scene.ts')
  const phone = await activePhone(s, citizen('99999998T'))
  const { browser, login, page } = await s.atQr({ asked: ['substantial', 'high'] })
  const scan = await s.scan(phone, page)
  t.ok(isRefusal(scan))
  t.equal(refusedWith(scan), 'LEVEL-01-registration-too-low')
  t.match(await browser.submit(`${login}/movil`), { at: `${login}/refused` })
})

t.test('without JavaScript the page asks again by itself, and nothing of that is there with it', async (t) => {
  const s = await movilService(t)
  const { page } = await s.atQr()
  t.match(page.body, /<noscript><meta http-equiv="refresh" content="10"><\/noscript>/)
})

t.test('a phone that was never activated opens nothing', async (t) => {
  const s = await movilService(t)
  await activePhone(s, other)
  const stranger = newPhone()
  await t.rejects(s.scan(stranger, (await s.atQr()).page), /no such phone/)
})
