import t, { type Test } from 'tap'
import type { PageModel } from '../../src/platform/http/reply.ts'
import { httpApp } from './http-app.ts'

/** A page of the layout with this model, in Spanish. */
async function render(t: Test, model: PageModel): Promise<string> {
  const app = httpApp(t)
  app.get('/page', (_request, reply) => reply.page('platform/views/help.njk', model))
  return (await app.inject({ url: '/page' })).body
}

t.test('a page names its language, its title and the service', async (t) => {
  const html = await render(t, {})
  t.match(html, /<html lang="es"/)
  t.match(html, /<title>Ayuda – Cl@ve<\/title>/)
  t.match(html, /<a href="#main-content" class="govuk-skip-link">/)
  t.notMatch(
    html,
    /clave-asking|clave-way-out|clave-timeout|govuk-error-summary/,
    'nothing of a login where there is none',
  )
})

t.test('problems stand in the title and in a summary that links to the fields', async (t) => {
  const html = await render(t, {
    problems: [
      { field: 'document', text: 'platform:error.whatNow' },
      { field: '', text: 'refusal:PIN-01-wrong.body', details: { count: 2 } },
    ],
  })
  t.match(html, /<title>Error: Ayuda – Cl@ve<\/title>/)
  t.match(html, /<li><a href="#document">Qué puede hacer<\/a><\/li>/)
  t.match(html, /<li>El PIN [^<]*Le quedan 2 intentos\.<\/li>/, 'a problem of no field is no link')
})

t.test('the page says who asks, and the way out is a form of its own or a link', async (t) => {
  const asking = { name: 'Agencia Tributaria', application: 'Renta' }
  const form = await render(t, { asking, wayOut: { name: 'Agencia Tributaria', action: '/login/1/cancel' } })
  t.match(form, /<strong class="clave-asking__name">Agencia Tributaria<\/strong>/)
  t.match(
    form,
    /<form method="post" action="\/login\/1\/cancel"[^>]*>\s*<input type="hidden" name="_csrf" value="[\w-]{43}">/,
  )
  t.match(form, /Cancelar y volver a Agencia Tributaria/)
  const link = await render(t, { wayOut: { name: 'DGT', href: 'https://dgt.example/' } })
  t.match(link, /<a class="govuk-link" href="https:\/\/dgt\.example\/">Volver a DGT<\/a>/)
})

t.test('the time left is said in the page, and more of it is a form that needs no script', async (t) => {
  const html = await render(t, { timeout: { seconds: 61, extend: '/login/1/extend' } })
  t.match(html, /Le quedan 2 minutos para terminar/)
  t.match(html, /<form method="post" action="\/login\/1\/extend">/)
  const last = await render(t, { timeout: { seconds: 60 } })
  t.match(last, /Le queda 1 minuto para terminar/)
  t.notMatch(last, /Necesito más tiempo/, 'where no more can be given, none is offered')
})

t.test('style sheet and script are served for ever under the hash of their content, compressed as asked', async (t) => {
  const app = httpApp(t)
  const { body } = await app.inject({ url: '/help' })
  const addresses = [...body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, address]) => address ?? '')
  t.equal(addresses.length, 3, 'picture, style sheet, script')
  for (const url of addresses) {
    t.match(url, /-[0-9a-f]{16}\.(css|js|svg)$/)
    for (const encoding of ['br', 'gzip']) {
      const answer = await app.inject({ url, headers: { 'accept-encoding': encoding } })
      t.equal(answer.headers['content-encoding'], encoding)
      t.match(answer.headers['cache-control'], /immutable/)
      t.equal(answer.headers['vary'], 'accept-encoding')
    }
    const plain = await app.inject({ url })
    t.equal(plain.headers['content-encoding'], undefined)
    t.match(plain.headers['content-type'], /^(text\/css|text\/javascript|image\/svg\+xml)/)
  }
  t.equal((await app.inject({ url: '/assets/main-0000000000000000.css' })).statusCode, 404)
})

t.test('the style sheet is small and asks nobody else for anything', async (t) => {
  const app = httpApp(t)
  const { body } = await app.inject({ url: '/help' })
  const url = /href="([^"]+\.css)"/.exec(body)?.[1] ?? ''
  const sent = await app.inject({ url, headers: { 'accept-encoding': 'br' } })
  t.ok(sent.rawPayload.length < 12_000, `${sent.rawPayload.length} bytes on their way`)
  const css = (await app.inject({ url })).body
  t.notMatch(css, /@font-face|GDS Transport|url\((?!data:)/)
})

t.test(
  'control characters, which no HTML can hold, are replaced wherever they come from; line ends stay',
  async (t) => {
    const name = 'Agencia\u0000\u0008\u000b\u001b\u007f\u0085 "uno"\r\n\tdos'
    const html = await render(t, { asking: { name }, wayOut: { name, href: `/x?\u0000` } })
    t.notMatch(html, /[\0-\x08\x0b\x0e-\x1f\x7f-\x9f]/)
    t.match(html, `Agencia${'\ufffd'.repeat(6)} &quot;uno&quot;\r\n\tdos`)
  },
)
