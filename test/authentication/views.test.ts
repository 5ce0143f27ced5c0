import t from 'tap'
import { loadI18n, locales, makeHttp, systemRandom, digestWith, type Locale } from '../../src/platform/index.ts'
import { problemsOf, rulesModel } from '../../src/authentication/permanente/life/password-page.ts'
import { refusalRow, type RefusalCode } from '../../src/refusal/index.ts'

const frame = {
  asking: { name: 'Agencia Tributaria' },
  wayOut: { name: 'Agencia Tributaria', action: '/login/x/cancel' },
  timeout: { seconds: 1_200, extend: '/login/x/more-time' },
  values: {},
  /** Of the pages of Permanente's life, which stand in no login. */
  action: '/login/x/here',
  login: { id: 'x', page: 'x', agency: 'Agencia Tributaria', action: '/login/x/here', choose: '/login/x/choose' },
}
const sent = { phone: '678', until: '14:05', digits: 6 }
const problem = (field: string, text: string, details?: object) => ({ problems: [{ field, text, details }] })

const waits = {
  ...{ standing: 'waiting', decided: false, seconds: 290, code: '123 456', pin: false, pinAfter: 0 },
  ...{ qr: 'data:image/svg+xml;base64,', href: 'http://localhost/app/scan#x', renewsIn: 12 },
}

const life = 'authentication/permanente/life/views'
const password = { document: '99999999R', ...rulesModel(false) }
const broken = { length: false, classes: true, personal: true, common: true, other: undefined }
const enrolment = { qr: 'data:image/svg+xml;base64,', secret: 'ABCD EFGH' }

/** Every page in every state that it has. */
const pages: Record<string, readonly object[]> = {
  'authentication/pin/views/identify.njk': [
    {},
    { values: { document: '99999999R', contrast: '<b>', kind: 'dni' } },
    { values: { document: 'X9999999J', kind: 'nie' }, ...problem('contrast', 'authentication:contrast.nie.form') },
    problem('prefix', 'pin:identify.prefixForm'),
    problem('', 'refusal:CITIZEN-02-too-many-tries.remedy', { count: 15 }),
    ...['empty', 'form', 'letter'].map((wrong) => problem('document', `authentication:document.${wrong}`)),
    ...['empty', 'form', 'calendar', 'permanent'].map((wrong) =>
      problem('contrast', `authentication:contrast.dni.${wrong}`),
    ),
    ...['contrast.nie.empty', 'contrast.empty'].map((wrong) => problem('contrast', `authentication:${wrong}`)),
  ],
  'authentication/pin/views/code.njk': [
    sent,
    { ...sent, another: true, prefixed: true, login: { ...frame.login, choose: undefined } },
    { ...sent, values: { dead: 'yes' }, ...problem('', 'refusal:PIN-02-dead.body') },
    { ...sent, ...problem('code', 'authentication:code.form', { digits: 6 }) },
  ],
  'authentication/movil/views/wait.njk': [
    waits,
    { ...waits, pin: true, pinAfter: 60 },
    { ...waits, pin: true, standing: 'scanned' },
    { ...waits, standing: 'approved', decided: true },
    { ...waits, seconds: 0, pin: true, login: { ...frame.login, choose: undefined } },
    { ...waits, ...problem('', 'refusal:MOVIL-01-gone.body') },
  ],
  'authentication/movil/views/asked.njk': [
    waits,
    { ...waits, another: true, pin: true },
    { ...waits, pin: true, pinAfter: 60, seconds: 40 },
    { ...waits, standing: 'denied', decided: true },
    { ...waits, standing: 'gone', seconds: 0, ...problem('', 'refusal:MOVIL-08-too-many.remedy') },
  ],
  'authentication/movil/views/document.njk': [
    {},
    { values: { document: 'X9999999J', kind: 'nie' }, ...problem('contrast', 'authentication:contrast.nie.form') },
  ],
  'authentication/permanente/views/password.njk': [
    {},
    { values: { document: '99999999R' }, ...problem('password', 'permanente:password.empty') },
    problem('password', 'permanente:password.long', { most: 128 }),
  ],
  'authentication/permanente/views/warning.njk': [
    { day: '21 de noviembre de 2028', days: 1 },
    { day: '21 de noviembre de 2028', days: 30 },
  ],
  'authentication/permanente/views/code.njk': [
    { ...sent, way: 'sms' },
    { ...sent, way: 'sms', another: true },
    { way: 'totp', digits: 6 },
    { way: 'totp', digits: 6, values: { dead: 'yes' }, ...problem('code', 'refusal:CODE-01-wrong.body', { count: 2 }) },
  ],
  [`${life}/activation.njk`]: [
    { kind: 'activate' },
    { kind: 'recover', values: { document: '99999999R', email: '<b>' } },
    { kind: 'activate', ...problem('', 'permanente:activation.wrong') },
    { kind: 'recover', ...problem('', 'permanente:sms.tooMany', { count: 1 }) },
    ...['email', 'activation'].map((field) => ({
      kind: 'activate',
      ...problem(field, `permanente:activation.empty.${field}`),
    })),
  ],
  [`${life}/contrast.njk`]: [
    {},
    { values: { document: '99999999R', contrast: '<b>', kind: 'dni' } },
    { values: { document: 'X9999999J', kind: 'nie' }, ...problem('contrast', 'authentication:contrast.nie.form') },
  ],
  [`${life}/code.njk`]: [
    sent,
    { ...sent, another: true },
    { ...sent, ...problem('', 'permanente:sms.tooMany', { count: 60 }) },
    { ...sent, values: { dead: 'yes' }, ...problem('', 'refusal:CODE-02-dead.body') },
  ],
  [`${life}/password.njk`]: [
    { kind: 'activate', ...password },
    { kind: 'recover', ...password, ...rulesModel(true) },
    { kind: 'activate', ...password, ...rulesModel(true, broken), problems: problemsOf(broken) },
  ],
  // The page that stands around life/views/authenticator.njk.
  'account/views/authenticator.njk': [
    { state: 'add', enrolment },
    { state: 'add', enrolment, ...problem('code', 'permanente:authenticator.wrong') },
    { state: 'add', enrolment, ...problem('code', 'permanente:authenticator.gone') },
  ],
  [`${life}/ways.njk`]: [{}],
  [`${life}/done.njk`]: [{ kind: 'activate' }, { kind: 'recover' }],
  [`${life}/ended.njk`]: ['gone', 'activation-dead', 'unknown', 'otherBrowser', 'expired'].flatMap((why) => [
    { kind: 'activate', why },
    { kind: 'recover', why },
  ]),
  [`${life}/refused.njk`]: ['PERMANENTE-04-not-active', 'PIN-04-no-phone'].map((code) => ({
    refusal: { code, title: code, body: code, remedy: code },
  })),
}

/** They show and lead on, and ask for nothing. */
const formless = ['ways', 'done', 'ended', 'refused'].map((name) => `${life}/${name}.njk`)

/** The HTML of a page, as the server sends it. */
function renderer() {
  const app = makeHttp({
    i18n: loadI18n({ strict: true }),
    random: systemRandom,
    digest: digestWith(Buffer.alloc(32, 1)),
    refusalStatus: (code) => refusalRow(code as RefusalCode).http,
    secure: false,
  })
  app.get('/page/:at', async (request, reply) => {
    const [template = '', state = '0'] = decodeURIComponent((request.params as { at: string }).at).split('#')
    return reply.page(template, { ...frame, ...pages[template]?.[Number(state)] })
  })
  return {
    app,
    async html(template: string, state: number, locale: Locale) {
      const answer = await app.inject({ url: `/page/${encodeURIComponent(`${template}#${state}`)}?lang=${locale}` })
      return answer.statusCode === 303 || answer.statusCode === 302
        ? (await app.inject({ url: String(answer.headers.location), cookies: cookiesOf(answer.cookies) })).body
        : answer.body
    },
  }
}
const cookiesOf = (cookies: readonly { name: string; value: string }[]) =>
  Object.fromEntries(cookies.map(({ name, value }) => [name, value]))

t.test(
  'every page in every state has all its texts in every language, and no script or style of its own',
  async (t) => {
    const { app, html } = renderer()
    t.teardown(() => app.close())
    for (const locale of locales) {
      for (const [template, states] of Object.entries(pages)) {
        for (const state of states.keys()) {
          const page = await html(template, state, locale)
          const name = `${locale} ${template} ${state}`
          t.match(page, /<h1 /, name)
          t.match(page, new RegExp(`<html lang="${locale}"`), name)
          t.notMatch(page, /\{\{|undefined|\[object|style="|onclick/, name)
          t.notMatch(page, /value="<b>"/, name)
          if (formless.includes(template)) continue
          t.match(
            page,
            /<form method="post" action="\/(login\/x\/here|account\/authenticator)" novalidate( id="wait")?>/,
            name,
          )
          t.match(page, /name="_csrf" value="[^"]+"/, name)
        }
      }
    }
  },
)

t.test('the fields say what they are to browsers and password managers', async (t) => {
  const { app, html } = renderer()
  t.teardown(() => app.close())
  const code = await html('authentication/pin/views/code.njk', 0, 'es')
  t.match(code, /name="code"[^>]*autocomplete="one-time-code"[^>]*inputmode="numeric"/)
  t.match(code, /termina en 678/)
  const password = await html('authentication/permanente/views/password.njk', 0, 'es')
  t.match(password, /name="document"[^>]*autocomplete="username"/)
  t.match(password, /name="password"[^>]*autocomplete="current-password"/)
  const identify = await html('authentication/pin/views/identify.njk', 1, 'es')
  t.match(identify, /Fecha de validez de su DNI/)
  t.notMatch(identify, /name="prefix"[^>]*value=/)
})
