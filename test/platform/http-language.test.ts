import t from 'tap'
import { preferredLocale } from '../../src/platform/http/language.ts'
import { cookiesOf, httpApp } from './http-app.ts'

t.test('the language is the one chosen, else the one suggested, else the browser’s, else Spanish', async (t) => {
  const app = httpApp(t)
  app.get('/', (request) => request.locale)
  app.get('/suggested', (request) => {
    request.suggestedLocale = 'en'
    return request.locale
  })
  const ask = async (url: string, headers: Record<string, string>) => (await app.inject({ url, headers })).body
  t.equal(await ask('/', {}), 'es')
  t.equal(await ask('/', { 'accept-language': 'fr, en-GB;q=0.8, es;q=0.2' }), 'en')
  t.equal(await ask('/suggested', { 'accept-language': 'es' }), 'en')
  t.equal(await ask('/suggested', { cookie: 'clave-lang=es' }), 'es')
})

t.test('where nobody asks for a language, it is the one of the configuration', async (t) => {
  const app = httpApp(t, { defaultLocale: 'en' })
  app.get('/', (request) => request.locale)
  t.equal((await app.inject({ url: '/' })).body, 'en')
  t.equal((await app.inject({ url: '/', headers: { 'accept-language': 'es' } })).body, 'es')
})

t.test('Accept-Language is read by weight (RFC 9110 12.5.4)', (t) => {
  t.equal(preferredLocale('en;q=0.1, es;q=0.9'), 'es')
  t.equal(preferredLocale('en;q=0, fr'), undefined)
  t.equal(preferredLocale('EN-us'), 'en')
  t.equal(preferredLocale('de, *'), undefined)
  t.equal(preferredLocale(undefined), undefined)
  t.end()
})

t.test('the switch keeps the page and its parameters, and needs no script', async (t) => {
  const app = httpApp(t)
  const spanish = await app.inject({ url: '/help?a=1&b=%C3%B1' })
  const href = /href="([^"]*lang=en)"/.exec(spanish.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const chosen = await app.inject({ url: href })
  t.equal(chosen.statusCode, 303)
  t.equal(chosen.headers.location, '/help?a=1&b=%C3%B1')
  t.match(cookiesOf(chosen)['clave-lang'], /^en;/)
  const english = await app.inject({ url: '/help', headers: { cookie: 'clave-lang=en' } })
  t.match(english.body, /<html lang="en"/)
  t.match(english.body, /<title>Help – Cl@ve<\/title>/)
})

t.test('the switch leads nowhere but to this server', async (t) => {
  const app = httpApp(t)
  app.get('/*', (_request, reply) => reply.page('platform/views/help.njk'))
  for (const url of ['//evil.example/?lang=en', '/\\evil.example/?lang=en', '///evil.example/?lang=en']) {
    const answer = await app.inject({ url })
    if (answer.statusCode === 303) t.match(String(answer.headers.location), /^\/([^/\\]|$)/, url)
    t.notMatch(answer.body, /href="(\/\/|\/\\)/, url)
  }
})

t.test('an API and an unknown language are left alone', async (t) => {
  const app = httpApp(t)
  app.get('/api', { config: { api: true } }, (request) => request.query)
  t.same((await app.inject({ url: '/api?lang=en' })).json(), { lang: 'en' })
  t.equal((await app.inject({ url: '/help?lang=xx' })).statusCode, 200)
})
