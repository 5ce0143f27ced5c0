import t from 'tap'
import { statement } from '../../src/platform/index.ts'
import { testDatabase } from '../support/database.ts'

const columns = statement<{ name: string; comment: string | null }>(
  'test.columns',
  `select format('%s.%s', c.relname, a.attname) as name, col_description(c.oid, a.attnum) as comment
   from pg_class c join pg_attribute a on a.attrelid = c.oid
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
     and a.attnum > 0 and not a.attisdropped
   order by 1`,
)

t.test('every column says whether it holds personal data', async (t) => {
  const { db } = await testDatabase(t)
  const rows = await db.rows(columns)
  t.ok(
    rows.some(({ name }) => name.startsWith('citizen.')),
    'the tables are there',
  )
  const silent = rows.filter(({ comment }) => !/^(personal|plain): ./.test(comment ?? ''))
  t.strictSame(silent, [])
})

t.test('what obviously is personal is called so', async (t) => {
  const { db } = await testDatabase(t)
  const obvious =
    /\.(document|phone|email|given_name|first_surname|second_surname|birth_date|born|died|iban|support_number)$/
  const rows = (await db.rows(columns)).filter(({ name }) => obvious.test(name))
  t.ok(rows.length > 0)
  t.strictSame(
    rows.filter(({ comment }) => !comment?.startsWith('personal: ')),
    [],
  )
})
