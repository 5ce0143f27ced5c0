import t from 'tap'
import { blank, loadI18n, locales } from '../../src/platform/index.ts'
import { readAssets } from '../../src/platform/assets.ts'
import { makeViews } from '../../src/platform/views/views.ts'

const unfit: string[] = []
const views = makeViews({
  i18n: loadI18n({ strict: true }),
  assets: readAssets(),
  onUnfit: (template) => unfit.push(template),
})

/** What a page of a login is told, of login number `n`: each has names, addresses and tokens of its own. */
const frame = (n: number, { application = false, others = true, extend = true } = {}) => {
  const at = (path: string) => blank(`/login/agency.${n}${path}`)
  const agency = blank(`Agency <${n}> & “others” \\ 'more' "still"`)
  const named = application ? blank(`Application ${n}`) : undefined
  return {
    languages: locales.map((code) => ({ code, href: blank(`/login/agency.${n}?lang=${code}&a=b`) })),
    asking: { name: agency, application: named },
    wayOut: { name: agency, action: at('/cancel') },
    timeout: { seconds: blank(String(n)), minutes: 14, extend: extend ? at('/more-time') : undefined },
    values: {},
    login: {
      id: blank(`agency.${n}`),
      page: 'page',
      agency,
      application: named,
      action: at('/page'),
      choose: others ? at('/choose') : undefined,
    },
    incident: blank(`incident${n}`),
    csrf: blank(() => `token${n}`),
    nonce: blank(`nonce${n}`),
    stencil: true,
  }
}

const tiles = (n: number, linked: boolean) => {
  const href = (path: string) => (linked ? blank(`/login/agency.${n}/${path}`) : undefined)
  const movil = { method: 'movil', href: undefined, usable: true, asked: 'low' }
  const permanente = { method: 'permanente', href: href('permanente'), usable: true, asked: 'low', within: [] }
  const certificate = { method: 'permanente', href: undefined, usable: false, asked: 'high', within: [] }
  return [{ ...movil, within: [{ method: 'pin', href: href('pin') }] }, permanente, certificate]
}

const sent = (n: number) => ({ phone: blank(String(100 + n)), until: blank(`10:${10 + n}`), digits: 6 })

/** Each page that is filled in, in each state that it is filled in for. */
const pages: Readonly<Record<string, (n: number) => object>> = {
  'login/views/choose.njk': (n) => ({ tiles: tiles(n, true), stepUp: false }),
  'login/views/choose.njk ': (n) => ({ tiles: tiles(n, false), stepUp: true }),
  'authentication/pin/views/identify.njk': () => ({}),
  'authentication/pin/views/code.njk': (n) => ({ ...sent(n), prefixed: false, another: false }),
  'authentication/pin/views/code.njk ': (n) => ({ ...sent(n), prefixed: true, another: true }),
  'authentication/permanente/views/password.njk': () => ({}),
  'authentication/permanente/views/code.njk': (n) => ({ ...sent(n), way: 'sms', another: false }),
  'authentication/permanente/views/code.njk ': () => ({ way: 'totp', digits: 6 }),
  'authentication/movil/views/document.njk': () => ({}),
}
const frames = [{}, { application: true }, { others: false }, { extend: false }]

t.test('a page that is filled in is the one that its template makes, for every login', (t) => {
  for (const [page, modelOf] of Object.entries(pages))
    for (const locale of locales)
      for (const kind of frames) {
        const template = page.trim()
        const model = (n: number) => ({ ...frame(n, kind), ...modelOf(n) })
        const [first, second] = [1, 2].map((n) => views.fill(template, locale, model(n)).toString())
        const said = `${template} ${locale} ${JSON.stringify(kind)}`
        t.equal(first, views.render(template, locale, model(1)), said)
        t.equal(second, views.render(template, locale, model(2)), said)
        t.notMatch(second, /agency\.1|token1|nonce1|incident1|Application 1/, said)
      }
  t.same(unfit, [])
  t.end()
})

t.test('what HTML cannot hold is taken out of what is filled in', (t) => {
  const model = (name: string) => ({ ...frame(1), asking: { name: blank(name), application: undefined } })
  const template = 'authentication/pin/views/identify.njk'
  views.fill(template, 'es', model('Agency'))
  t.match(views.fill(template, 'es', model('A\u0001gency\u0085')).toString(), 'A\ufffdgency\ufffd')
  t.end()
})
