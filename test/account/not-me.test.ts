import t from 'tap'
import { actsScene, headingOf, textOf, type Person } from './acts-scene.ts'
import { citizen } from '../support/sandbox.ts'
import { visitor } from '../sandbox/visitor.ts'

t.setTimeout(180_000)
const scene = await actsScene(t)
const { sandbox } = scene
t.beforeEach(() => sandbox.reset())

const document = '99999999R'
const { id } = citizen(document)

interface Event {
  readonly id: number
  readonly kind: string
}
const eventsOf = (who: string) =>
  scene.rows<Event>('select id, kind from audit_event where citizen_id = $1 order by id', [who])
const loginOf = async (who: string, nth = 0) => {
  const logins = (await eventsOf(who)).filter(({ kind }) => kind === 'login')
  return logins.at(nth)?.id ?? 0
}
const casesOf = (who: string) => scene.rows('select event_id, method from account_case where citizen_id = $1', [who])
const blocked = async () =>
  (await scene.rows<{ blocked_methods: string[] }>('select blocked_methods from citizen where id = $1', [id]))[0]
    ?.blocked_methods
const report = async ({ open, send }: Person, event: number) => {
  const path = `/not-me/${event}`
  return send(await open(path), `/account${path}`)
}
const isLogin = ({ at }: { at: URL }) => at.pathname.startsWith('/login')

t.test('a login of another method and session: case, block, sessions ended, this one goes on, all told', async (t) => {
  const thief = await scene.person(document, 'permanente')
  const third = await scene.person(document)
  const person = await scene.person(document)
  const event = await loginOf(id)
  const page = textOf(await person.open(`/not-me/${event}`))
  t.match(page, 'Bloquearemos Cl@ve Permanente')
  t.match(page, 'todas sus sesiones de Cl@ve menos esta')
  const done = await report(person, event)
  t.equal(done.at.pathname, `/account/not-me/${event}`)
  t.equal(headingOf(done), 'Hemos recibido su aviso')
  t.match(done.body, 'href="/permanente/recover"')
  t.same(await casesOf(id), [{ event_id: event, method: 'permanente' }])
  t.same(await blocked(), ['permanente'])
  t.ok(isLogin(await thief.open('/data')))
  t.ok(isLogin(await third.open('/data')), 'every other session')
  t.equal((await person.open('/data')).status, 200)
  const told = await scene.told(id, ['case-opened', 'method-blocked', 'session-ended'])
  t.same(
    told.map(({ kind, data }) => [kind, data['event'] ?? data['method'] ?? data['why']]),
    [
      ['method-blocked', 'permanente'],
      ['case-opened', event],
      ['session-ended', 'not-me'],
      ['session-ended', 'not-me'],
    ],
  )
  t.match(await scene.mail(/no fue usted/), 'Mi Cl@ve')
  t.match(await scene.mail(/bloqueado el acceso/), 'Cl@ve Permanente')
  await sandbox.api('next-login', { citizen: document, method: 'permanente', rp: 'aeat' })
  const browser = visitor()
  await browser.open(`${sandbox.agenciesUrl}/aeat/login`)
  t.match(await browser.json(`${sandbox.agenciesUrl}/aeat/session`), { authenticated: false })
})

t.test('a login by the method of this session: this one ends too, which is said before and after', async (t) => {
  const thief = visitor()
  await sandbox.api('next-login', { citizen: document, method: 'pin', rp: 'aeat' })
  await thief.open(`${sandbox.agenciesUrl}/aeat/login`)
  const person = await scene.person(document)
  const event = await loginOf(id)
  t.match(textOf(await person.open(`/not-me/${event}`)), 'también esta')
  const done = await report(person, event)
  t.equal(headingOf(done), 'Hemos recibido su aviso')
  t.match(textOf(done), 'Hemos cerrado todas sus sesiones de Cl@ve, también esta.')
  t.match(textOf(done), 'Compruebe que tiene su teléfono')
  t.ok(isLogin(await person.open('/data')))
  t.match(await thief.json(`${sandbox.agenciesUrl}/aeat/session`), { authenticated: false }, 'the agency was told')
  await sandbox.api('next-login', { citizen: document, method: 'permanente' })
  t.match(textOf(await person.open(`/not-me/${event}`)), 'Hemos bloqueado Cl@ve PIN.')
})

t.test('the only method left: the page says how to go on', async (t) => {
  const alone = '99999988J'
  const person = await scene.person(alone)
  const done = await report(person, await loginOf(citizen(alone).id))
  t.match(textOf(done), 'era la única forma de identificarse que le quedaba')
  t.notMatch(done.body, 'Entrar en Mi Cl@ve de otra forma')
})

t.test(
  'with a password alone a report blocks nothing for good: case and sessions, said before and after',
  async (t) => {
    const basic = '99999998T'
    const owner = await scene.person(basic)
    const event = await loginOf(citizen(basic).id)
    const person = await scene.withPassword(basic)
    const before = await person.open(`/not-me/${event}`)
    t.match(textOf(before), 'No bloquearemos Cl@ve PIN')
    t.notMatch(textOf(before), ' Bloquearemos Cl@ve PIN')
    t.match(before.body, 'href="/account/methods/block/pin"')
    const done = await report(person, event)
    t.equal(headingOf(done), 'Hemos recibido su aviso')
    t.match(textOf(done), 'No hemos bloqueado Cl@ve PIN')
    t.match(textOf(done), 'identifíquese otra vez con un código')
    t.same(await casesOf(citizen(basic).id), [{ event_id: event, method: null }])
    t.same(await scene.told(citizen(basic).id, ['method-blocked']), [])
    t.ok(isLogin(await owner.open('/data')), 'every other session ended')
    t.equal((await person.open('/data')).status, 200)
    await sandbox.api('next-login', { citizen: basic, method: 'pin' })
    await person.send(await person.open('/methods/block/pin'), '/account/methods/block/pin')
    t.match(await scene.told(citizen(basic).id, ['method-blocked']), [{ data: { method: 'pin' } }])
  },
)

t.test('with a code of the last minutes the same report blocks, and says that it is for good', async (t) => {
  const basic = '99999998T'
  const person = await scene.person(basic)
  const event = await loginOf(citizen(basic).id)
  t.match(textOf(await person.open(`/not-me/${event}`)), 'No podrá desbloquearlo aquí')
  t.match(textOf(await report(person, event)), 'Hemos bloqueado Cl@ve PIN.')
  t.same(await casesOf(citizen(basic).id), [{ event_id: event, method: 'pin' }])
})

t.test('of any number of tabs one opens the case', async (t) => {
  await scene.person(document, 'permanente')
  const person = await scene.person(document)
  const event = await loginOf(id)
  const page = await person.open(`/not-me/${event}`)
  await Promise.all([1, 2, 3, 4].map(() => person.send(page, `/account/not-me/${event}`)))
  t.equal((await casesOf(id)).length, 1)
  t.same(
    (await scene.told(id, ['case-opened', 'method-blocked'])).map(({ kind }) => kind),
    ['method-blocked', 'case-opened'],
  )
  t.equal((await sandbox.messages(document)).filter(({ text }) => /no fue usted/.test(text)).length <= 1, true)
})

t.test('another citizen’s event, one that is none, and one that is nothing to report: the list instead', async (t) => {
  await scene.person('99999998T')
  const foreign = await loginOf(citizen('99999998T').id)
  const person = await scene.person(document)
  const page = await person.open('/methods/block/pin')
  for (const event of [String(foreign), '999999999', '0', 'nothing', '9'.repeat(30)]) {
    t.equal((await person.open(`/not-me/${event}`)).at.pathname, '/account/activity', event)
    t.equal((await person.send(page, `/account/not-me/${event}`)).at.pathname, '/account/activity', event)
  }
  t.same(await scene.rows('select id from account_case'), [])
})

t.test('a change: what blocks is the method by which that browser had logged in', async (t) => {
  const thief = await scene.person(document, 'permanente')
  await thief.send(await thief.open('/methods/block/pin'), '/account/methods/block/pin')
  await sandbox.api('next-login', { citizen: document, method: 'permanente' })
  await thief.open('/methods/lift/pin')
  await thief.send(await thief.open('/methods/lift/pin'), '/account/methods/lift/pin')
  const lifted = (await eventsOf(id)).find(({ kind }) => kind === 'method-unblocked')?.id ?? 0
  const person = await scene.person(document)
  await report(person, lifted)
  t.same(await blocked(), ['permanente'])
  t.equal((await person.open('/data')).status, 200)
})

t.test('the list: newest first, by pages, with refusals of this citizen’s, and nothing of others', async (t) => {
  await scene.person('99999998T')
  const person = await scene.person(document)
  for (let nth = 0; nth < 23; nth++) {
    await sandbox.api('next-login', { citizen: document, method: 'pin', rp: 'aeat' })
    await visitor().open(`${sandbox.agenciesUrl}/aeat/login`)
  }
  await sandbox.api('next-login', { citizen: document, method: 'pin', rp: 'interior' })
  await visitor().open(`${sandbox.agenciesUrl}/interior/login`)
  const first = await person.open('/activity')
  const count = (body: string) => body.match(/class="clave-event"/g)?.length
  t.equal(count(first.body), 20)
  const earlier = /href="\/account(\/activity\?after=[\d-]+)"/.exec(first.body)?.[1] ?? ''
  const second = await person.open(earlier)
  t.ok((count(second.body) ?? 0) >= 4)
  const seen = (body: string) => [...body.matchAll(/id="event-(\d+)"/g)].map(([, event]) => Number(event))
  const all = [...seen(first.body), ...seen(second.body)]
  t.same(
    all,
    all.toSorted((one, other) => other - one),
  )
  t.equal(new Set(all).size, all.length)
  t.equal((await person.open('/activity?after=nothing')).status, 200)
  t.match(first.body, 'Agencia Tributaria')
  await sandbox.advance('P731D')
  await sandbox.api('next-login', { citizen: document, method: 'pin' })
  const later = await person.open('/activity')
  t.equal(count(later.body), 1, 'nothing older than two years')
})
