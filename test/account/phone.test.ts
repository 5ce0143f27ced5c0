import t from 'tap'
import { citizen } from '../support/sandbox.ts'
import { until } from '../support/until.ts'
import { actsScene, headingOf, textOf, type Person } from './acts-scene.ts'

t.setTimeout(180_000)
const scene = await actsScene(t)
const { sandbox } = scene
t.beforeEach(() => sandbox.reset())

const document = '99999999R'
const { id } = citizen(document)
const none = '99999998T'

const deviceOf = async (who = id) =>
  (await scene.rows<{ id: string }>('select id from device where citizen_id = $1 and ended_at is null', [who]))[0]?.id
const isLogin = ({ at }: { at: URL }) => at.pathname.startsWith('/login')
const end = async (person: Person, fields: Record<string, string>) =>
  person.send(await person.open('/phone/end'), '/account/phone/end', fields)

t.test('the active phone: name, since when, its unlock, and the ways on', async (t) => {
  const person = await scene.person(document)
  const page = await person.open('/phone')
  t.equal(headingOf(page), 'Mi teléfono con Cl@ve Móvil')
  t.match(textOf(page), /Teléfono Cl@ve sandbox Activado .+ Último uso Todavía no se ha usado/)
  t.match(textOf(page), 'Cada vez pide su huella')
  t.notMatch(textOf(page), 'Ha rechazado dos solicitudes')
  t.match(page.body, 'href="/account/phone/end"')
  t.match((await person.open('/methods')).body, 'href="/account/phone"')
  t.match((await person.open('')).body, 'href="/account/phone"')
})

t.test('a phone that must scan says so, and one without an unlock that it reaches low only', async (t) => {
  await scene.rows(
    'update device set denials = 2, credential_id = null, credential_key = null, credential_counter = null',
  )
  const page = await (await scene.person(document)).open('/phone')
  t.match(textOf(page), 'Ha rechazado dos solicitudes')
  t.match(textOf(page), 'solo alcanza el nivel bajo')
})

t.test('who has none is told how to get one; after a block, what comes first', async (t) => {
  const person = await scene.person(none)
  const page = await person.open('/phone')
  t.match(textOf(page), `${new URL(sandbox.url).host}/app`)
  t.match(page.body, 'href="/app"')
  t.equal((await person.open('/phone/end')).at.pathname, '/account/phone')
  t.match(textOf(await person.open('/methods')), 'Activarlo en su teléfono')
  await scene.rows(`update citizen set blocked_methods = '{movil}' where document = $1`, [none])
  t.match(textOf(await person.open('/phone')), 'primero desbloquéelo')
})

t.test('taking Cl@ve Móvil off it: the phone ends, sessions that rest on it end, others go on, all told', async (t) => {
  const [byPhone, other] = [await scene.person(document, 'movil'), await scene.person(document)]
  const person = await scene.person(document)
  const done = await end(person, { why: 'by-citizen' })
  t.equal(done.at.pathname, '/account/phone')
  t.match(textOf(done), 'Ese teléfono ya no tiene Cl@ve Móvil.')
  t.equal(await deviceOf(), undefined)
  t.ok(isLogin(await byPhone.open('/data')))
  t.notOk(isLogin(await other.open('/data')))
  t.match(await scene.told(id, ['device-ended']), [{ data: { why: 'by-citizen', address: String, browser: String } }])
  t.match(await scene.mail(/se quitó Cl@ve Móvil de su teléfono/), 'no tiene que hacer nada')
  const approved = await sandbox.api('movil/approve', { document, decision: 'approve' })
  t.equal(approved.status, 409)
})

t.test('lost, or not activated by the citizen: every other session ends', async (t) => {
  const [byPhone, other] = [await scene.person(document, 'movil'), await scene.person(document)]
  const person = await scene.person(document)
  t.match(textOf(await end(person, { why: 'not-me' })), 'hemos cerrado sus demás sesiones')
  t.ok(isLogin(await byPhone.open('/data')))
  t.ok(isLogin(await other.open('/data')))
  t.notOk(isLogin(await person.open('/data')))
  t.match(await scene.told(id, ['device-ended']), [{ data: { why: 'not-me' } }])
})

t.test('a session that rests on the phone ends with it, which is said before', async (t) => {
  const person = await scene.person(document, 'movil')
  t.match(textOf(await person.open('/phone/end')), 'también cerraremos esta sesión')
  const done = await end(person, { why: 'by-citizen' })
  t.equal(headingOf(done), 'El teléfono ya no tiene Cl@ve Móvil')
  t.match(textOf(done), 'También hemos cerrado esta sesión')
  t.ok(isLogin(await person.open('/data')))
})

t.test('a password alone, or a proof that is old, takes nothing off: the citizen is asked again', async (t) => {
  const thief = await scene.withPassword(document)
  t.notOk(isLogin(await thief.open('/phone')), 'to look at it the session is enough')
  t.ok(isLogin(await thief.open('/phone/end')))
  await thief.send(await thief.open('/phone'), '/account/phone/end', {
    device: (await deviceOf()) ?? '',
    why: 'not-me',
  })
  t.ok(await deviceOf())
  const person = await scene.person(document)
  await sandbox.advance('PT14M')
  await person.open('/data')
  await sandbox.advance('PT14M')
  t.ok(isLogin(await person.open('/phone/end')))
})

t.test('without a reason nothing happens; nor to a phone that took the place of the one shown', async (t) => {
  const person = await scene.person(document)
  const page = await person.open('/phone/end')
  const again = await person.send(page, '/account/phone/end')
  t.equal(again.status, 422)
  t.match(textOf(again), 'Elija por qué lo quita')
  await scene.rows(`update device set ended_at = $1, ended_why = 'another' where citizen_id = $2`, [new Date(), id])
  const next = '99999999-1111-4000-8000-000000000001'
  await scene.rows(
    `insert into device (id, citizen_id, key_x, key_y, name, activated_at) values ($1, $2, 'x', 'y', 'Android, Chrome', $3)`,
    [next, id, new Date()],
  )
  const done = await person.send(page, '/account/phone/end', { why: 'by-citizen' })
  t.match(textOf(done), 'Android, Chrome')
  t.equal(await deviceOf(), next)
  t.same(await scene.told(id, ['device-ended']), [])
})

t.test(
  '"this was not me" on a login by phone, and on an activation, blocks it and offers to take it off',
  async (t) => {
    await scene.person(document, 'movil')
    const person = await scene.person(document)
    const events = await scene.rows<{ id: number; kind: string }>(
      `select id, kind from audit_event where citizen_id = $1 and kind in ('login', 'device-activated') order by id`,
      [id],
    )
    for (const event of [events.find(({ kind }) => kind === 'login'), events[0]]) {
      const path = `/not-me/${event?.id}`
      const done = await person.send(await person.open(path), `/account${path}`)
      t.match(textOf(done), 'Hemos bloqueado Cl@ve Móvil')
      t.match(done.body, 'href="/account/phone/end"')
    }
    t.match(await end(person, { why: 'not-me' }), { status: 200 })
    t.equal(await deviceOf(), undefined)
  },
)

const reportedCases = () =>
  scene.rows<{ event_id: number; method: string | null }>('select event_id, method from account_case')

t.test('a report in the app opens one case, however often the worker looks, and tells the citizen', async (t) => {
  await scene.rows(
    `insert into audit_event (at, kind, citizen_id, relying_party, data)
     select $1, 'movil-denied', $2, 'aeat', jsonb_build_object('device', 'one', 'reported', reported)
     from unnest(array['yes', 'no']) as reported`,
    [sandbox.clock.now(), id],
  )
  for (let times = 0; times < 3; times++) await sandbox.advance('PT2M')
  await until(async () => (await reportedCases()).length > 0)
  const [event] = await scene.rows<{ id: number }>(`select id from audit_event where data ->> 'reported' = 'yes'`)
  t.same(await reportedCases(), [{ event_id: event?.id, method: null }])
  t.match(await scene.mail(/nos dijo que no era suya/), 'Nadie pudo identificarse')
  t.match(await scene.told(id, ['case-opened']), [{ data: { event: event?.id } }])
  t.match(textOf(await (await scene.person(document)).open('/activity')), 'Nos avisó de algo que no hizo usted')
})
