import t from 'tap'
import { actsScene } from './acts-scene.ts'
import { citizen, contrastOf } from '../support/sandbox.ts'
import { visitor } from '../sandbox/visitor.ts'

t.setTimeout(120_000)
const scene = await actsScene(t)
const document = '99999999R'

t.test('who blocked Permanente because its password is known sets another one before lifting the block', async (t) => {
  await scene.rows(`update citizen set blocked_methods = '{permanente}' where id = $1`, [citizen(document).id])
  const browser = visitor()
  const page = await browser.open(`${scene.sandbox.url}/permanente/recover/document`)
  const next = await browser.submit(page, { document, contrast: contrastOf(document) })
  t.match(next.at.pathname, /\/code$/)
})
