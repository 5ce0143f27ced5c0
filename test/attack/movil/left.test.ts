import type { AddressInfo } from 'node:net'
import t from 'tap'
import { typedContrast } from '../../../src/sandbox/catalogue.ts'
import { newsOf, outcomeIn } from '../../authentication/movil-service.ts'
import { carmen } from '../../authentication/movil-scene.ts'
import { attackScene, typing } from './scene.ts'

t.test('a denial ends the login, whatever its page asks for next', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  for (const [decision, code] of [
    ['deny', 'MOVIL-05-denied'],
    ['report', 'MOVIL-09-reported'],
  ] as const) {
    for (const action of ['again', 'document']) {
      const { browser, login, page } = await s.atQr()
      await s.decide(phone, await s.scan(phone, page), decision)
      t.match(await browser.submit(`${login}/movil`, { action }), { at: `${login}/refused`, status: 403 }, action)
      t.match(outcomeIn(await browser.submit(`${login}/refused`)), { refused: code })
    }
    for (const action of ['again', 'qr', 'change', 'pin']) {
      // After an approval the phone need not scan.
      await s.decide(phone, await s.scan(phone, (await s.atQr()).page))
      s.clock.advance(601)
      const { browser, login } = await s.byDocument()
      await s.decide(phone, await s.call(phone, 'GET', '/request'), decision)
      t.match(await browser.submit(`${login}/movil/request`, { action }), { at: `${login}/refused` }, action)
    }
  }
})

t.test('who goes another way is not let in by what a phone approved meanwhile', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const { browser, login, page } = await s.byDocument()
  await s.decide(phone, await s.call(phone, 'GET', '/request'), 'approve', typing(page))
  const changed = await browser.submit(`${login}/movil/request`, { action: 'change' })
  t.match(changed, { at: `${login}/movil/document`, status: 200 })
})

t.test('Cl@ve Móvil begun afresh from the choice of methods: what was asked before waits no more', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const { browser, login } = await s.byDocument()
  t.match(await s.call(phone, 'GET', '/request'), { status: 200 })
  t.match(await browser.submit(`${login}/choose`, { method: 'movil' }), { at: `${login}/movil`, status: 200 })
  t.match(await s.call(phone, 'GET', '/request'), { status: 204 })
  const scanned = await s.atQr()
  await s.scan(phone, scanned.page)
  await scanned.browser.submit(`${scanned.login}/choose`, { method: 'movil' })
  t.match(await s.call(phone, 'GET', '/request'), { status: 204 })
})

t.test('an approval that was taken and not carried out is over: its page does not ask for it for ever', async (t) => {
  let broken = true
  const s = await attackScene(t, {
    engine: ({ noteLogin }) => ({
      noteLogin: async (event, once) => {
        if (broken) throw new Error('no database')
        return noteLogin(event, once)
      },
    }),
  })
  const phone = await s.phoneOf()
  const at = await s.atQr()
  await s.decide(phone, await s.scan(phone, at.page))
  t.match(await at.browser.submit(`${at.login}/movil`), { status: 503 })
  broken = false
  t.match(await newsOf(at), { decided: false, standing: 'gone' })
  const again = await at.browser.submit(`${at.login}/movil`, { action: 'again' })
  await s.decide(phone, await s.scan(phone, again))
  t.match(outcomeIn(await at.browser.submit(`${at.login}/movil`)), { method: 'movil' })
})

t.test(
  'a document that a stranger gets refused meanwhile: the page says so once, and does not ask for ever',
  async (t) => {
    const s = await attackScene(t)
    const phone = await s.phoneOf()
    const at = await s.byDocument()
    for (let nth = 0; nth < 5; nth++)
      await s.open('POST', '/activation', { document: carmen.document, contrast: '01/02/2033' })
    await s.decide(phone, await s.call(phone, 'GET', '/request'), 'approve', typing(at.page))
    const said = await at.browser.submit(`${at.login}/movil/request`)
    t.match(said, { status: 429, at: `${at.login}/movil/request` })
    t.match(await newsOf(at, 'movil/request'), { decided: false, standing: 'gone' })
  },
)

t.test('a request lasts no longer than its login', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const { browser, login } = await s.atQr()
  await browser.submit(`${login}/movil`, { action: 'document' })
  s.clock.advance(s.parts.limits.loginLifetime - 30)
  const typed = {
    document: carmen.document,
    contrast: typedContrast(carmen),
  }
  await browser.submit(`${login}/movil/document`, typed)
  t.match(await s.call(phone, 'GET', '/request'), { status: 200 })
  s.clock.advance(31)
  t.match(await s.call(phone, 'GET', '/request'), { status: 204 })
})

t.test('a login that is left while its QR is scanned leaves nothing in the phone', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const { browser, login, page } = await s.atQr()
  const { find } = s.parts.citizens
  // The phone has found the QR right; before it writes down that it scanned, the citizen cancels.
  Object.assign(s.parts.citizens, {
    find: async (id: string) => {
      Object.assign(s.parts.citizens, { find })
      await browser.post(`${login}/cancel`)
      return find(id)
    },
  })
  t.match(await s.scan(phone, page), { refused: 'MOVIL-06-qr-old' })
  t.match(await s.call(phone, 'GET', '/request'), { status: 204 })
})

t.test('a stream that cannot follow its request ends, so that the page asks again', async (t) => {
  const s = await attackScene(t)
  const { browser, login } = await s.atQr()
  t.teardown(() => s.app.server.closeAllConnections())
  await s.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = s.app.server.address() as AddressInfo
  const { get } = s.parts.store
  Object.assign(s.parts.store, {
    get: (key: string) => (key.startsWith('movil-round:') ? Promise.reject(new Error('no store')) : get(key)),
  })
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const signal = AbortSignal.timeout(5_000)
  const answer = await fetch(`http://127.0.0.1:${port}${login}/movil/events`, { headers: { cookie }, signal })
  await answer.text()
  t.equal(s.app.eventStreams.open(), 0)
  Object.assign(s.parts.store, { get })
})

t.test('a HEAD of a stream opens none', async (t) => {
  const s = await attackScene(t)
  const { browser, login } = await s.atQr()
  t.teardown(() => s.app.server.closeAllConnections())
  await s.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = s.app.server.address() as AddressInfo
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  await fetch(`http://127.0.0.1:${port}${login}/movil/events`, {
    ...{ method: 'HEAD', headers: { cookie }, signal: AbortSignal.timeout(5_000) },
  })
  t.equal(s.app.eventStreams.open(), 0)
})
