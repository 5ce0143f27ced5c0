import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { Type } from 'typebox'
import { refusals } from '../../src/refusal/index.ts'
import { loadI18n } from '../../src/platform/i18n.ts'
import { quietLog } from '../support/log.ts'
import { until } from '../support/until.ts'
import { form, httpApp, page } from './http-app.ts'

const json = { accept: 'application/json', 'content-type': 'application/json' }

t.test('an unexpected error is a page without any detail, and one line of the log', async (t) => {
  const log = quietLog(t, () => ['the secret of the database'])
  const app = httpApp(t, { log })
  app.get('/broken', () => {
    throw new Error('the secret of the database')
  })
  const answer = await app.inject({ url: '/broken', headers: page })
  t.equal(answer.statusCode, 500)
  t.notMatch(answer.body, /secret|stack|Error/)
  const incident = /clave-incident__number">([0-9a-f]+)</.exec(answer.body)?.[1] ?? 'none'
  const errors = log.lines.filter((line) => line.includes('"level":"error"'))
  t.equal(errors.length, 1)
  t.match(errors[0], incident, 'the number on the page finds the line')
})

t.test('people get a page in their language, API callers problem+json', async (t) => {
  const app = httpApp(t)
  const person = await app.inject({ url: '/nowhere', headers: { ...page, 'accept-language': 'en' } })
  t.equal(person.statusCode, 404)
  t.match(person.body, /<title>Page not found – Cl@ve<\/title>/)
  const caller = await app.inject({ url: '/nowhere', headers: json })
  t.match(caller.headers['content-type'], /^application\/problem\+json/)
  t.match(caller.json(), { type: 'about:blank', status: 404, title: /\w/, detail: /\w/ })
})

t.test('a route of an API answers problem+json whoever asks', async (t) => {
  const app = httpApp(t)
  app.get('/api', { config: { api: true } }, () => {
    throw new Error('broken on purpose')
  })
  t.match((await app.inject({ url: '/api', headers: page })).headers['content-type'], /problem\+json/)
})

t.test('a schema error names the field', async (t) => {
  const app = httpApp(t)
  const body = Type.Object(
    { name: Type.String(), inner: Type.Optional(Type.Object({ n: Type.Number() })) },
    { additionalProperties: false },
  )
  app.post('/api', { config: { api: true, csrf: false }, schema: { body } }, () => 'ok')
  const fieldOf = async (payload: object) => {
    const answer = await app.inject({ method: 'POST', url: '/api', payload, headers: json })
    t.equal(answer.statusCode, 400)
    return answer.json<{ field?: string }>().field
  }
  t.equal(await fieldOf({}), 'name')
  t.equal(await fieldOf({ name: 1 }), 'name', 'nothing is turned into another type')
  t.equal(await fieldOf({ name: 'a', inner: { n: 'x' } }), 'inner.n')
  t.equal(await fieldOf({ name: 'a', more: 1 }), 'more', 'nothing is dropped in silence')
})

t.test('what is too large or of an unknown type is refused with its own page', async (t) => {
  const app = httpApp(t)
  app.post('/form', { config: { csrf: false } }, () => 'ok')
  const post = (payload: string, headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/form', payload, headers })
  const large = await post(`a=${'x'.repeat(40_000)}`, form)
  t.equal(large.statusCode, 413)
  t.match(large.body, /Ha enviado demasiados datos/)
  for (const type of ['text/plain', 'application/xml']) {
    const foreign = await post('a', { ...page, 'content-type': type })
    t.equal(foreign.statusCode, 415)
    t.match(foreign.body, /No podemos leer lo que ha enviado/)
  }
  t.equal((await post('{', { ...page, 'content-type': 'application/json' })).statusCode, 400)
})

t.test('an address that is none gets a page, which does not repeat it', async (t) => {
  const answer = await httpApp(t).inject({ url: '/%zz<script>', headers: { ...page, 'accept-language': 'en' } })
  t.equal(answer.statusCode, 400)
  t.match(answer.headers['content-security-policy'], /default-src 'none'/)
  t.match(answer.body, /We did not understand the request/)
  t.notMatch(answer.body, /zz/)
})

t.test('when the page of an error fails, nothing of it is said', async (t) => {
  const log = quietLog(t, () => ['broken on purpose'])
  const app = httpApp(t, {
    log,
    i18n: {
      translator: () => (key) => {
        if (key.startsWith('platform:error')) throw new Error('broken on purpose')
        return key
      },
    },
  })
  const answer = await app.inject({
    url: '/form',
    method: 'POST',
    payload: 'a',
    headers: { ...page, 'content-type': 'text/plain' },
  })
  t.equal(answer.statusCode, 500)
  t.equal(answer.body, '500\n')
  t.ok(log.lines.some((line) => line.includes('the page of an error failed')))
})

t.test('errors that say their status get the page of it', async (t) => {
  const app = httpApp(t)
  app.get('/:status', (request) => {
    const { status } = request.params as { status: string }
    throw Object.assign(new Error('x'), { statusCode: Number(status) })
  })
  const titles = {
    429: 'Ha hecho demasiadas peticiones seguidas',
    503: 'El servicio no está disponible en este momento',
    422: 'No hemos entendido la petición',
    502: 'Algo ha fallado en nuestro servicio',
  }
  for (const [status, title] of Object.entries(titles)) {
    const answer = await app.inject({ url: `/${status}`, headers: page })
    t.equal(answer.statusCode, Number(status))
    t.ok(answer.body.includes(`<h1 class="govuk-heading-l">${title}</h1>`), status)
  }
})

t.test('each refusal has its page in each language, with the way back to the agency', async (t) => {
  const app = httpApp(t)
  app.get('/:code', (request, reply) => {
    const { code } = request.params as { code: string }
    return reply.refuse({ refused: code }, { wayOut: { name: 'Agencia Tributaria', href: 'https://aeat.example/' } })
  })
  for (const locale of ['es', 'en'] as const) {
    const text = loadI18n({ strict: true }).translator(locale)
    for (const [code, row] of Object.entries(refusals)) {
      const answer = await app.inject({ url: `/${code}`, headers: { ...page, cookie: `clave-lang=${locale}` } })
      t.equal(answer.statusCode, row.http, code)
      for (const part of ['title', 'body', 'remedy'] as const)
        t.ok(answer.body.includes(text(`refusal:${code as keyof typeof refusals}.${part}`)), `${code} ${part}`)
      t.match(answer.body, /href="https:\/\/aeat\.example\/"/)
    }
  }
})

t.test('a refusal counts minutes and tries where it is told them', async (t) => {
  const app = httpApp(t)
  app.get('/', (_request, reply) => reply.refuse({ refused: 'CITIZEN-02-too-many-tries', details: { count: 15 } }))
  t.match((await app.inject({ url: '/', headers: page })).body, /Espere 15 minutos/)
  const problem = (await app.inject({ url: '/', headers: json })).json<object>()
  t.match(problem, { type: 'urn:clave:refusal:CITIZEN-02-too-many-tries', status: 429, detail: /Espere 15 minutos/ })
})

t.test('what a person typed is escaped', async (t) => {
  const app = httpApp(t)
  const evil = '<script>alert(1)</script>'
  app.get('/', (_request, reply) =>
    reply.page('platform/views/help.njk', { asking: { name: evil }, wayOut: { name: evil, href: '/' } }),
  )
  const { body } = await app.inject({ url: `/?x=${encodeURIComponent('"><script>')}` })
  t.notMatch(body, /<script>/)
  t.match(body, /&lt;script&gt;/)
})

t.test('what is asked while the server stops, on a connection in use, is answered as ever', async (t) => {
  const app = httpApp(t)
  let finish = (_page: string) => {}
  const begun = new Promise<void>((resolve) =>
    app.get('/slow', () => {
      resolve()
      return new Promise<string>((answer) => (finish = answer))
    }),
  )
  app.get('/late', () => 'late, but answered')
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  client.write('GET /slow HTTP/1.1\r\nHost: clave.test\r\n\r\n')
  await begun
  const closed = app.close()
  await until(() => !app.server.listening)
  client.write('GET /late HTTP/1.1\r\nHost: clave.test\r\n\r\n')
  finish('slow')
  const said = await text(client)
  t.match(said, /200 OK[^]*slow[^]*200 OK[^]*connection: close[^]*late, but answered/i)
  await closed
})
