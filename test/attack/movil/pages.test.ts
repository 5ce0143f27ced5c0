import t from 'tap'
import { typedContrast } from '../../../src/sandbox/catalogue.ts'
import { carmen } from '../../authentication/movil-scene.ts'
import { newsOf } from '../../authentication/movil-service.ts'
import { attackScene, confirmationOf } from './scene.ts'

const evil = `</script><script>alert(1)</script><img src=x onerror="alert(1)">{{7*7}}`

t.test('CSRF: no form of Cl@ve Móvil is taken from another page', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const { browser, login, page } = await s.atQr()
  await s.decide(phone, await s.scan(phone, page))
  const asked = await s.byDocument()
  const forms: readonly (readonly [typeof browser, string, Record<string, string>])[] = [
    [browser, `${login}/movil`, {}],
    [browser, `${login}/movil`, { action: 'document' }],
    [browser, `${login}/choose`, { method: 'movil' }],
    [asked.browser, `${asked.login}/movil/request`, { action: 'again' }],
    [asked.browser, `${asked.login}/movil/document`, { document: carmen.document, contrast: typedContrast(carmen) }],
  ]
  for (const [from, url, form] of forms) {
    const cookies = Object.fromEntries(from.cookies)
    const post = (body: Record<string, string>, headers: Record<string, string> = {}) =>
      s.app.inject({
        ...{ method: 'POST', url, cookies, payload: new URLSearchParams(body).toString() },
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      })
    t.equal((await post(form)).statusCode, 403, `${url} without a token`)
    t.equal((await post({ ...form, _csrf: 'x'.repeat(43) })).statusCode, 403, `${url} with a wrong one`)
    t.match(await from.post(url, form, { 'sec-fetch-site': 'cross-site' }), { status: 403 }, 'from another site')
    t.match(await from.post(url, form, { origin: 'https://evil.example' }), { status: 403 }, 'from another origin')
    t.match(await s.newBrowser().post(url, form), { status: 403 }, "with another browser's")
  }
  t.notOk(browser.cookies.has('clave-session'), 'the approval is still not taken')
})

t.test(
  'the app’s interface takes no cookie as proof, no form, no other content, and opens to no other origin',
  async (t) => {
    const s = await attackScene(t)
    const phone = await s.phoneOf()
    const { browser, page } = await s.atQr()
    const cookies = Object.fromEntries(browser.cookies)
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      const headers = { 'content-type': type }
      const answer = await s.app.inject({
        method: 'POST',
        url: '/app/api/request/scan',
        cookies,
        headers,
        payload: '{}',
      })
      t.ok([401, 415].includes(answer.statusCode), `${type}: ${answer.statusCode}`)
    }
    const crossed = await s.app.inject({ url: '/app/api/push-key', headers: { origin: 'https://evil.example' } })
    t.equal(crossed.headers['access-control-allow-origin'], undefined)
    t.equal(crossed.headers['cross-origin-resource-policy'], 'same-origin')
    const preflight = await s.app.inject({ method: 'OPTIONS', url: '/app/api/request/decide' })
    t.equal(preflight.headers['access-control-allow-origin'], undefined)
    t.match(await s.scan(phone, page, { headers: { cookie: 'clave-browser=x' } }), { body: { path: 'qr' } })
  },
)

t.test('nothing of a person or a login is kept by caches, shown in frames, or sent on as referrer', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const { browser, login, page } = await s.atQr()
  await s.scan(phone, page)
  const cookies = Object.fromEntries(browser.cookies)
  const word = (path: string) => ({ authorization: `Clave-Movil ${phone.call({ method: 'GET', path })}` })
  const answers = {
    ...{ '/app': {}, '/app/scan': {}, '/app/request': {}, '/app/activate': {}, '/app/worker.js': {} },
    ...{ [`${login}/movil`]: { cookies }, [`${login}/movil/news`]: { cookies } },
    '/app/api/phone': { headers: word('/app/api/phone') },
    '/app/api/request': { headers: word('/app/api/request') },
    '/app/api/pin': {},
  }
  for (const [url, more] of Object.entries(answers)) {
    const { headers } = await s.app.inject({ url, ...more })
    t.equal(headers['cache-control'], 'no-store', url)
    t.equal(headers['x-content-type-options'], 'nosniff', url)
    t.equal(headers['referrer-policy'], 'same-origin', url)
    const policy = String(headers['content-security-policy'])
    t.match(policy, /frame-ancestors 'none'/, url)
    t.match(policy, /default-src 'none'/, url)
    t.match(policy, /script-src 'nonce-[\w-]+'(;|$)/, `${url}: no inline, no eval, no other host`)
    t.match(policy, /base-uri 'none'/, url)
  }
  const app = await s.app.inject({ url: '/app' })
  t.match(String(app.headers['permissions-policy']), /camera=\(self\)/)
  t.notMatch(
    String((await s.app.inject({ url: `${login}/movil`, cookies })).headers['permissions-policy']),
    /camera=\(self\)/,
  )
})

t.test('XSS: neither agency, application, device nor browser can say anything but text', async (t) => {
  const s = await attackScene(t, { agency: evil })
  const phone = await s.phoneOf()
  const browser = s.newBrowser()
  const { login, page } = await s.atQr({ application: evil }, browser)
  const cookies = Object.fromEntries(browser.cookies)
  const own = await s.app.inject({
    url: `${login}/movil`,
    cookies,
    headers: { 'user-agent': evil, accept: 'text/html' },
  })
  for (const body of [page.body, own.body]) {
    t.notMatch(body, /<script>alert|<img src=x|onerror="alert/)
    t.notMatch(body, />49</)
  }
  const shown = await s.scan(phone, page)
  t.match(shown.body, { agency: evil, application: evil }, 'the interface says it as JSON')
  t.equal(shown.headers['content-type'], 'application/json; charset=utf-8')
  t.match((shown.body['place'] as { browser: string }).browser, /^[\w ,]*$/)
  const asked = await s.byDocument(carmen, { application: evil })
  t.notMatch(asked.page.body, /<script>alert|<img src=x|onerror="alert/)

  for (const url of [
    '/app',
    `/app/scan?${encodeURIComponent(evil)}`,
    `/app/request?lang=${encodeURIComponent(evil)}`,
  ]) {
    const { body } = await s.app.inject({ url, headers: { 'user-agent': evil, 'accept-language': evil } })
    t.notMatch(body, /<script>alert|<img src=x|onerror="alert/, url)
    const island = /<script[^>]*type="application\/json"[^>]*>([^]*?)<\/script>/.exec(body)?.[1] ?? ''
    t.doesNotThrow(() => JSON.parse(island) as unknown, 'the island is JSON')
    t.notMatch(island, /</)
  }
})

t.test('XSS: the name that a phone gives itself is text', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const typed = { document: carmen.document, contrast: typedContrast(carmen) }
  const { activation } = (await s.open('POST', '/activation', typed)).body
  const name = `\u202Eevil\u0000 ${evil}`
  phone.device = ''
  const confirmation = { ...confirmationOf(s, phone, String(activation)), name }
  phone.device = String((await s.open('POST', '/activation/confirm', confirmation)).body['device'])
  const said = await s.call(phone, 'GET', '/phone')
  t.equal(said.headers['content-type'], 'application/json; charset=utf-8')
  const kept = String(said.body['name'])
  t.ok(kept.length <= 60)
  t.notMatch(kept, /\p{C}/u)
})

t.test('open redirects: `back` is a page of this very login, whatever the phone or the browser says', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const { browser, login, page } = await s.atQr()
  const headers = { referer: 'https://evil.example/', host: 'evil.example', 'x-forwarded-host': 'evil.example' }
  const shown = await s.scan(phone, page, { browser, headers })
  t.match(shown.body, { host: 'clave.example' }, 'the genuine host is ours, not what was called')
  const decided = await s.decide(phone, shown, 'approve', { headers })
  t.equal(decided.body['back'], login)
  t.match(String(decided.body['back']), /^\/login\/[\w.-]+$/)
  const led = await s.app.inject({ url: '/app/', headers })
  t.equal(led.headers.location, '/app')
})

t.test(
  'what is wrong tells nothing of the server, and no number of calls by strangers is worth more than an answer',
  async (t) => {
    const s = await attackScene(t)
    const at = await s.atQr()
    for (const [method, url, payload] of [
      ['POST', '/app/api/activation', '{'],
      ['POST', '/app/api/activation', '{"__proto__":{"a":1},"document":"","contrast":""}'],
      ['POST', '/app/api/activation', `{"document":"${'x'.repeat(20_000)}","contrast":""}`],
      ['POST', '/app/api/activation/confirm', '{"activation":[]}'],
      ['GET', '/app/api/%zz', ''],
      ['GET', '/app/api/../../etc/passwd', ''],
      ['POST', '/app/api/request/decide', '{"request":{"$ne":1}}'],
      ['GET', `${at.login}/movil/events?x=%00`, ''],
    ] as const) {
      const headers = payload === '' ? {} : { 'content-type': 'application/json' }
      const answer = await s.app.inject({ method, url, headers, ...(payload === '' ? {} : { payload }) })
      t.ok(answer.statusCode >= 400 && answer.statusCode < 500, `${method} ${url}: ${answer.statusCode}`)
      t.notMatch(answer.body, /node_modules|SyntaxError|at \w+ \(|select |violates/, url)
    }
    t.match(await newsOf(at), { standing: 'waiting' })
  },
)
