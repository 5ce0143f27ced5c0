import t from 'tap'
import { actsScene, textOf } from './acts-scene.ts'
import { citizen } from '../support/sandbox.ts'

t.setTimeout(120_000)
const scene = await actsScene(t)
const document = '99999999R'
const { id } = citizen(document)

t.test('a login of another session is told however often agencies asked this one since', async (t) => {
  await scene.person(document, 'permanente')
  const person = await scene.person(document)
  // As a page of an agency writes them that asks every minute whether the citizen is still there (prompt=none).
  await scene.rows(
    `insert into audit_event (at, kind, citizen_id, relying_party, data)
     select at, kind, citizen_id, 'aeat', data
     from (select * from audit_event where citizen_id = $1 and kind = 'login' order by id desc limit 1) as own,
       generate_series(1, 250)`,
    [id],
  )
  const home = textOf(await person.open(''))
  t.match(home, 'con Cl@ve Permanente')
  t.notMatch(home, 'Es la primera vez')
})

t.test(
  'who had blocked a method blocks it again: sessions that rest on it end, whatever came of the first time',
  async (t) => {
    const thief = await scene.person(document, 'permanente')
    const person = await scene.person(document)
    const page = await person.open('/methods/block/permanente')
    const consequence = /name="consequence" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    // As where the process was killed between the block and the end of the sessions.
    await scene.rows(`update citizen set blocked_methods = '{permanente}' where id = $1`, [id])
    await person.send(page, '/account/methods/block/permanente', { consequence })
    await scene.rows(`update citizen set blocked_methods = '{}' where id = $1`, [id])
    t.match((await thief.open('/data')).at.pathname, /^\/login/)
  },
)
