import t from 'tap'
import { actsScene, headingOf, textOf, type Person } from './acts-scene.ts'
import { citizen } from '../support/sandbox.ts'
import { travel, visitor } from '../sandbox/visitor.ts'

t.setTimeout(180_000)
const scene = await actsScene(t)
const { sandbox } = scene
t.beforeEach(() => sandbox.reset())

const advanced = '99999999R'
const basic = '99999998T'
const blockedOf = async (document: string) =>
  (
    await scene.rows<{ blocked_methods: string[] }>('select blocked_methods from citizen where document = $1', [
      document,
    ])
  )[0]?.blocked_methods
const kindsOf = async (document: string) =>
  (await scene.told(citizen(document).id, ['method-blocked', 'method-unblocked'])).map(({ kind, data }) => [
    kind,
    data['method'],
  ])
/** As if nobody had Cl@ve Móvil: a PIN and a password are left. */
const withoutPhones = () =>
  scene.rows(`update device set ended_at = $1, ended_why = 'by-citizen' where ended_at is null`, [sandbox.clock.now()])
const block = async ({ open, send }: Person, method: string) => {
  const path = `/methods/block/${method}`
  return send(await open(path), `/account${path}`)
}

t.test('a method is blocked: told to the audit and by e-mail, and refused at every agency from then on', async (t) => {
  const person = await scene.person(advanced)
  const done = await block(person, 'permanente')
  t.equal(done.at.pathname, '/account/methods')
  t.match(textOf(done), 'Cl@ve Permanente está bloqueado.')
  t.same(await blockedOf(advanced), ['permanente'])
  t.same(await kindsOf(advanced), [['method-blocked', 'permanente']])
  t.match(await scene.mail(/se ha bloqueado|bloqueado el acceso/i), 'Cl@ve Permanente')
  for (const agency of ['aeat', 'dgt', 'seguridad-social', 'sepe']) {
    await sandbox.api('next-login', { citizen: advanced, method: 'permanente', rp: agency })
    const browser = visitor()
    await travel(browser, `${sandbox.agenciesUrl}/${agency}/login`)
    t.match(await browser.json(`${sandbox.agenciesUrl}/${agency}/session`), { authenticated: false }, agency)
  }
  t.match(textOf(await person.open('')), 'Tiene Cl@ve Permanente bloqueado por usted.')
})

t.test('single sign-on by a blocked method ends at once, in every browser', async (t) => {
  const other = await scene.person(advanced, 'permanente')
  await other.browser.open(`${sandbox.agenciesUrl}/aeat/login?prompt=none`)
  t.match(await other.browser.json(`${sandbox.agenciesUrl}/aeat/session`), { authenticated: true })
  await block(await scene.person(advanced), 'permanente')
  for (const agency of ['aeat', 'dgt']) {
    await other.browser.open(`${sandbox.agenciesUrl}/${agency}/login?prompt=none`)
    const session = await other.browser.json(`${sandbox.agenciesUrl}/${agency}/session`)
    t.match(session, { authenticated: false, error: 'login_required' }, agency)
  }
  t.match((await other.open('/data')).at.pathname, /^\/login/)
  t.same(
    (await scene.told(citizen(advanced).id, ['session-ended'])).map(({ data }) => data['why']),
    ['blocked'],
  )
})

t.test('who blocks the method of this session is told so, and comes in another way', async (t) => {
  const person = await scene.person(advanced)
  t.match(textOf(await person.open('/methods/block/pin')), 'Esta sesión es una de ellas')
  const done = await block(person, 'pin')
  t.equal(headingOf(done), 'Cl@ve PIN está bloqueado')
  t.match((await person.open('')).at.pathname, /^\/login/)
  await sandbox.api('next-login', { citizen: advanced, method: 'permanente' })
  t.equal((await person.open('/methods')).status, 200)
})

t.test('a block is lifted by another method, with a second factor shown just now', async (t) => {
  await block(await scene.person(advanced), 'pin')
  const person = await scene.person(advanced, 'permanente')
  await sandbox.advance('PT6M')
  t.match((await person.open('/methods/lift/pin')).at.pathname, /^\/login/)
  await sandbox.api('next-login', { citizen: advanced, method: 'pin' })
  const refused = await person.open('/methods/lift/pin')
  t.match(textOf(refused), 'Este método está bloqueado', 'not by the blocked one itself')
  await sandbox.api('next-login', { citizen: advanced, method: 'permanente' })
  const page = await person.open('/methods/lift/pin')
  t.equal(headingOf(page), 'Desbloquear Cl@ve PIN')
  const answers = await Promise.all([1, 2].map(() => person.send(page, '/account/methods/lift/pin')))
  for (const answer of answers) t.equal(answer.at.pathname, '/account/methods')
  t.same(await blockedOf(advanced), [])
  t.same(await kindsOf(advanced), [
    ['method-blocked', 'pin'],
    ['method-unblocked', 'pin'],
  ])
  t.match(await scene.mail(/desbloqueó/), 'Cl@ve PIN')
  await sandbox.api('next-login', { citizen: advanced, method: 'pin', rp: 'aeat' })
  const browser = visitor()
  await browser.open(`${sandbox.agenciesUrl}/aeat/login`)
  t.match(await browser.json(`${sandbox.agenciesUrl}/aeat/session`), { authenticated: true })
})

t.test('the consequence is said before: no way to lift it here, no way in at all', async (t) => {
  const person = await scene.person(basic)
  t.match(textOf(await person.open('/methods/block/pin')), 'no podrá desbloquearlo usted aquí')
  const done = await block(person, 'permanente')
  t.match(textOf(done), 'Cl@ve Permanente está bloqueado.')
  t.match(textOf(await person.open('/methods/block/pin')), 'Es la única forma de identificarse que le queda')
  t.match(textOf(await block(person, 'pin')), 'Cl@ve PIN está bloqueado')
  t.same(await blockedOf(basic), ['permanente', 'pin'])
})

t.test('a password alone blocks nothing for good: the block asks for a code first, and leads back', async (t) => {
  const thief = await scene.withPassword(basic)
  t.match((await thief.open('/methods/block/pin')).at.pathname, /^\/login/)
  const page = await thief.open('/methods/block/permanente')
  t.equal(headingOf(page), 'Bloquear Cl@ve Permanente', 'what PIN can lift needs no more than the session')
  for (const consequence of ['for-good', 'no-way-in']) {
    const answer = await thief.send(page, '/account/methods/block/pin', { consequence })
    t.match(answer.at.pathname, /^\/login/, consequence)
  }
  t.same(await blockedOf(basic), [])
  await sandbox.api('next-login', { citizen: basic, method: 'pin' })
  const back = await thief.open('/methods/block/pin')
  t.equal(back.at.pathname, '/account/methods/block/pin')
  t.match(textOf(back), 'no podrá desbloquearlo usted aquí')
  await thief.send(back, '/account/methods/block/pin')
  t.same(await blockedOf(basic), ['pin'])
})

t.test('of an advanced citizen a password alone blocks one method, and not the last that is left', async (t) => {
  await withoutPhones()
  const thief = await scene.withPassword(advanced)
  await block(thief, 'pin')
  t.same(await blockedOf(advanced), ['pin'])
  t.match((await thief.open('/methods/block/permanente')).at.pathname, /^\/login/)
  t.same(await blockedOf(advanced), ['pin'])
})

t.test('a basic citizen who blocked PIN is not led to a lifting that cannot succeed', async (t) => {
  await block(await scene.person(basic), 'pin')
  const person = await scene.person(basic, 'permanente')
  const text = textOf(await person.open('/methods'))
  t.match(text, 'No le queda ninguna forma de identificarse bastante segura')
  t.notMatch((await person.open('/methods')).body, '/account/methods/lift/pin')
})

t.test(
  'two tabs that block one method each: the second hears what it costs now, and nothing is done unsaid',
  async (t) => {
    await withoutPhones()
    const person = await scene.person(advanced)
    const [pin, permanente] = [await person.open('/methods/block/pin'), await person.open('/methods/block/permanente')]
    const [one, other] = await Promise.all([
      person.send(pin, '/account/methods/block/pin'),
      person.send(permanente, '/account/methods/block/permanente'),
    ])
    const methods = await blockedOf(advanced)
    t.equal(methods?.length, 1)
    const slower = methods?.includes('pin') ? other : one
    if (slower.status === 409) t.match(textOf(slower), 'Es la única forma de identificarse que le queda')
    else t.match(slower.at.pathname, /^\/login/, 'or its session was over by then')
  },
)

t.test('two tabs that block the same method do it once', async (t) => {
  const person = await scene.person(advanced)
  const page = await person.open('/methods/block/permanente')
  await Promise.all([1, 2, 3].map(() => person.send(page, '/account/methods/block/permanente')))
  t.same(await kindsOf(advanced), [['method-blocked', 'permanente']])
})

t.test('nothing else than a method that is there is blocked', async (t) => {
  const person = await scene.person(advanced)
  for (const method of ['certificate', 'nothing', 'constructor'])
    t.equal((await person.open(`/methods/block/${method}`)).at.pathname, '/account/methods', method)
  const page = await person.open('/methods/block/pin')
  await person.send(page, '/account/methods/block/nothing', { consequence: 'no-way-in' })
  t.same(await blockedOf(advanced), [])
})
