import t from 'tap'
import { actsScene, textOf } from './acts-scene.ts'
import { citizen } from '../support/sandbox.ts'
import { visitor } from '../sandbox/visitor.ts'

t.setTimeout(120_000)
const scene = await actsScene(t)
const { sandbox } = scene
t.beforeEach(() => sandbox.reset())

const document = '99999999R'
const { id } = citizen(document)

const ended = async () => (await scene.told(id, ['session-ended'])).map(({ data }) => data['why'])
const isLogin = ({ at }: { at: URL }) => at.pathname.startsWith('/login')

t.test('each alive session: since when, how, where it led, from where, and which is this one', async (t) => {
  const other = await scene.person(document, 'permanente')
  await other.browser.open(`${sandbox.agenciesUrl}/aeat/login?prompt=none`)
  const { open } = await scene.person(document)
  const text = textOf(await open('/sessions'))
  const [here = '', there = ''] = text.split('Otra sesión')
  t.match(
    here,
    /Esta sesión Identificado .* Con Cl@ve PIN Ha entrado en Mi Cl@ve Lugar dirección de red 127\.0\.0\.1 · este navegador/,
  )
  t.match(there, /Con Cl@ve Permanente Ha entrado en Mi Cl@ve, Agencia Tributaria Lugar .* · otro navegador/)
})

t.test('one session is ended from another browser: it stops working at once, and its agency is told', async (t) => {
  const other = await scene.person(document)
  const { open, send } = await scene.person(document)
  const told = await send(await open('/sessions'), '/account/sessions/end')
  t.match(textOf(told), 'La sesión está cerrada.')
  t.ok(isLogin(await other.open('/data')))
  t.equal((await open('/data')).status, 200, 'this one goes on')
  t.same(await ended(), ['by-citizen'])
})

t.test('all others are ended; two tabs at once do it once', async (t) => {
  const others = [await scene.person(document), await scene.person(document, 'permanente')]
  const { open, send } = await scene.person(document)
  const page = await open('/sessions')
  await Promise.all([1, 2].map(() => send(page, '/account/sessions/end-others')))
  for (const other of others) t.ok(isLogin(await other.open('/sessions')))
  t.equal((await open('/sessions')).status, 200)
  t.ok((await ended()).every((why) => why === 'by-citizen'))
  t.match(textOf(await open('/sessions')), 'No tiene ninguna otra sesión abierta')
})

t.test('an id that is not the citizen’s own, and their own of this browser, ends nothing', async (t) => {
  const stranger = await scene.person('99999998T')
  await scene.person(document)
  const theirs = /name="session" value="([^"]+)"/.exec(
    (await (await scene.person('99999998T')).open('/sessions')).body,
  )?.[1]
  t.ok(theirs)
  const { open, send } = await scene.person(document)
  const page = await open('/sessions')
  for (const session of [theirs ?? '', 'nothing', 'session:x', ''])
    t.match(textOf(await send(page, '/account/sessions/end', { session })), 'Esa sesión ya no estaba abierta.')
  t.equal((await stranger.open('/data')).status, 200)
  t.same(await scene.told(citizen('99999998T').id, ['session-ended']), [])
  const long = await send(page, '/account/sessions/end', { session: 'x'.repeat(65) })
  t.equal(long.status, 400)
})

t.test('a session that another browser ended cannot be used at an agency either', async (t) => {
  const other = await scene.person(document)
  const { open, send } = await scene.person(document)
  await send(await open('/sessions'), '/account/sessions/end-others')
  await other.browser.open(`${sandbox.agenciesUrl}/aeat/login?prompt=none`)
  t.match(await other.browser.json(`${sandbox.agenciesUrl}/aeat/session`), { error: 'login_required' })
})

t.test('an agency with back-channel logout hears of a session that was ended elsewhere', async (t) => {
  const other = visitor()
  await sandbox.api('next-login', { citizen: document, method: 'pin', rp: 'aeat' })
  await other.open(`${sandbox.agenciesUrl}/aeat/login`)
  t.match(await other.json(`${sandbox.agenciesUrl}/aeat/session`), { authenticated: true })
  const { open, send } = await scene.person(document)
  await send(await open('/sessions'), '/account/sessions/end-others')
  t.match(await other.json(`${sandbox.agenciesUrl}/aeat/session`), { authenticated: false })
})
