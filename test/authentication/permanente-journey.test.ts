import t from 'tap'
import { findPassword } from '../../src/authentication/permanente/password-table.ts'
import { statement, type Db } from '../../src/platform/index.ts'
import { codeOf } from './scene.ts'
import { blocked, carmen, fresh, goodPassword, identified, lifeScene, proven, type LifeScene } from './life-scene.ts'

const hour = 3_600
const used = statement<{ used: boolean }>(
  'test.used',
  'select used_at is not null as used from activation_code where citizen_id = $1',
)

/** Nothing happened, or all of it. */
async function half(s: LifeScene, db: Db = s.db): Promise<string[]> {
  const [password, code, events, emails] = [
    (await findPassword(db, fresh.id)) !== undefined,
    (await db.row(used, [fresh.id]))?.used === true,
    (await s.told(fresh.id)).length,
    (await s.laid()) - s.sent.length,
  ]
  const all = password && code && events === 1 && emails === 1
  const nothing = !password && !code && events === 0 && emails === 0
  return all || nothing ? [] : [JSON.stringify({ password, code, events, emails })]
}

t.test('of 50 activations with one code at once one wins; the others are told', async (t) => {
  const s = await lifeScene(t, { limits: { codesPerHour: 100 } })
  const code = await s.activationFor(fresh.document)
  const visitors = []
  for (let nth = 0; nth < 50; nth++) visitors.push(await proven(s, fresh.document, code))
  const ends = await Promise.all(visitors.map((visitor, nth) => visitor.send({ password: `${goodPassword} ${nth}` })))
  const headings = ends.map(({ heading }) => heading)
  t.equal(headings.filter((one) => one === 'Cl@ve Permanente está activada').length, 1)
  t.equal(headings.filter((one) => one === 'Ese código de activación ya se ha usado').length, 49)
  t.equal((await s.told(fresh.id)).length, 1)
})

t.test('of 50 submissions in one journey one sets the password, and all are led to the end', async (t) => {
  const s = await lifeScene(t)
  const visitor = await proven(s, fresh.document, await s.activationFor(fresh.document))
  s.clock.advance(1)
  const { cookies } = visitor
  const page = (await visitor.get(await whereOf(s, visitor))).body
  const action = /<form method="post" action="([^"]+)" novalidate>/.exec(page)?.[1] ?? ''
  const ends = await Promise.all(
    Array.from({ length: 50 }, (_, nth) =>
      s.visitor({ ...cookies }).send({ password: `${goodPassword} ${nth}` }, action),
    ),
  )
  t.equal(ends.filter(({ heading }) => heading === 'Cl@ve Permanente está activada').length, 50)
  t.same(await half(s), [])
})

/** Where the journey of this browser stands. */
async function whereOf(s: LifeScene, visitor: { cookies: Record<string, string> }): Promise<string> {
  const keys = await s.db.rows({
    name: 'test.keys',
    text: `select key from ephemeral where key like 'permanente-life:%'`,
  })
  const { key } = keys.at(-1) as { key: string }
  return (await s.visitor(visitor.cookies).get(`/permanente/${key.slice('permanente-life:'.length)}`)).to ?? ''
}

t.test('killed between any two statements nothing is half done, and the citizen goes on', async (t) => {
  const s = await lifeScene(t)
  for (const fatal of [
    'permanente-password.set-by-proof',
    'activation-code.redeem',
    'known-browser.complete',
    'commit',
    'after the commit',
  ]) {
    await s.db.rows({ name: 'test.forget', text: `delete from permanente_password where citizen_id = '${fresh.id}'` })
    await s.db.rows({ name: 'test.forget-sms', text: 'delete from one_time_code_allowance' })
    const visitor = await proven(s, fresh.document, await s.activationFor(fresh.document))
    s.clock.advance(1)
    const before = { events: (await s.told(fresh.id)).length, laid: await s.laid() }
    s.fatal = fatal
    const killed = await visitor.send({ password: goodPassword })
    t.equal(killed.status, 500, fatal)
    s.fatal = undefined
    const password = await findPassword(s.db, fresh.id)
    const code = (await s.db.row(used, [fresh.id]))?.used
    const after = { events: (await s.told(fresh.id)).length - before.events, laid: (await s.laid()) - before.laid }
    const happened = fatal === 'after the commit'
    t.same([password !== undefined, code, after], [happened, happened, { events: +happened, laid: +happened }], fatal)
    await visitor.get(await whereOf(s, visitor))
    const again = await visitor.send({ password: goodPassword })
    t.equal(again.heading, 'Cl@ve Permanente está activada', fatal)
    t.equal((await s.told(fresh.id)).length - before.events, 1, fatal)
  }
})

t.test('a right SMS code whose answer was lost counts when the form is sent again', async (t) => {
  const s = await lifeScene(t)
  const visitor = await identified(s, fresh.document, await s.activationFor(fresh.document))
  const code = codeOf(s.sent.at(-1))
  s.fatal = 'swap'
  t.equal((await visitor.send({ code })).status, 500)
  s.fatal = undefined
  await visitor.get(await whereOf(s, visitor))
  t.equal((await visitor.send({ code })).heading, 'Escriba su contraseña nueva')
})

t.test('the back button and a second tab lead to where the journey stands', async (t) => {
  const s = await lifeScene(t)
  const visitor = await proven(s, fresh.document, await s.activationFor(fresh.document))
  const here = await whereOf(s, visitor)
  t.match(here, /\/password$/)
  for (const other of ['/code', '/done', '/ended', '']) {
    const answer = await visitor.get(here.replace('/password', other))
    t.same([answer.status, answer.to], [303, here], other)
  }
  const second = s.visitor({ ...visitor.cookies })
  await second.get(here)
  await visitor.send({ password: goodPassword }, here)
  t.equal((await second.send({ password: `${goodPassword}!` }, undefined)).heading, 'Cl@ve Permanente está activada')
  t.equal((await second.get(here)).to, here.replace('/password', '/done'))
})

t.test('two tabs may each begin a journey of their own', async (t) => {
  const s = await lifeScene(t)
  const one = await identified(s, blocked.document, await s.activationFor(blocked.document))
  const other = await identified(s, carmen.document, await s.activationFor(carmen.document), s.visitor(one.cookies))
  await one.send({ code: codeOf(s.sent[0]) })
  await other.send({ code: codeOf(s.sent[1]) })
  t.equal((await one.send({ password: goodPassword })).heading, 'Cl@ve Permanente está activada')
  t.equal((await other.send({ password: goodPassword })).heading, 'Cl@ve Permanente está activada')
})

t.test('another browser is kept out, an unknown address explained', async (t) => {
  const s = await lifeScene(t)
  const visitor = await proven(s, fresh.document, await s.activationFor(fresh.document))
  const here = await whereOf(s, visitor)
  const other = await s.visitor().get(here)
  t.same([other.status, other.heading], [403, 'Esto empezó en otro navegador'])
  const posted = await s.visitor().send({ password: goodPassword }, here)
  t.equal(posted.status, 403)
  for (const url of ['/permanente/AAAAAAAAAAAAAAAAAAAAAA/code', '/permanente/x/password', '/permanente/nonsense']) {
    const answer = await s.visitor().get(url)
    t.same([answer.status, answer.heading], [404, 'Esta página ya no está disponible'], url)
  }
  t.equal(await findPassword(s.db, fresh.id), undefined)
})

t.test('20 minutes, more when asked for, never beyond 60; then it is over, and says so', async (t) => {
  const s = await lifeScene(t)
  const visitor = await proven(s, fresh.document, await s.activationFor(fresh.document))
  const here = await whereOf(s, visitor)
  const more = here.replace('/password', '/more-time')
  t.match((await visitor.get(here)).body, /data-seconds="1200"/)
  for (let nth = 0; nth < 3; nth++) {
    s.clock.advance(1_000)
    await visitor.get(here)
    t.equal((await visitor.send({}, more)).heading, 'Escriba su contraseña nueva')
  }
  t.match((await visitor.get(here)).body, /data-seconds="600"/)
  s.clock.advance(600)
  const over = await visitor.send({ password: goodPassword })
  t.same([over.status, over.heading], [410, 'Se ha agotado el tiempo para elegir la contraseña'])
  t.equal(await findPassword(s.db, fresh.id), undefined)
  s.clock.advance(hour)
  t.equal((await visitor.get(here)).status, 404)
})

t.test('every form is refused without the browser’s token', async (t) => {
  const s = await lifeScene(t)
  const visitor = await proven(s, fresh.document, await s.activationFor(fresh.document))
  const here = await whereOf(s, visitor)
  for (const url of [
    '/permanente/activate',
    '/permanente/recover/document',
    '/permanente/recover/activation-code',
    here,
  ]) {
    const payload = 'document=1&email=1&activation=1&contrast=1&password=1'
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await s.app.inject({ method: 'POST', url, cookies: visitor.cookies, headers, payload })
    t.equal(answer.statusCode, 403, url)
  }
})

t.test('what lies in the store is of no use: the activation code is sealed', async (t) => {
  const s = await lifeScene(t)
  const code = await s.activationFor(fresh.document)
  await proven(s, fresh.document, code)
  const rows = await s.db.rows({ name: 'test.ephemeral', text: 'select ephemeral::text as row from ephemeral' })
  t.notOk(JSON.stringify(rows).includes(code))
})
