import { fastify } from 'fastify'
import t from 'tap'
import { makeLog } from '../../src/platform/log.ts'
import { logFields, type LogFields } from '../../src/platform/log-fields.ts'
import { requestIds } from '../../src/platform/request-id.ts'
import { systemRandom } from '../../src/platform/random.ts'
import { assertNoPersonalData, personalDataIn, quietLog, wordsOf } from '../support/log.ts'

function captured(level = 'info') {
  const lines: string[] = []
  const dropped: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const log = makeLog({ level, deployment: 'test', destination, onDropped: (field) => dropped.push(field) })
  return { log, lines, dropped, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> }
}
const careless = (fields: Record<string, unknown>) => fields as LogFields

t.test('a line is JSON with level, time, deployment, the fields of the table and a message', async (t) => {
  const { log, last } = captured()
  log.child({ reqId: 'abc' }).info({ route: '/login/:id', status: 200, ms: 1.5 }, 'request')
  t.match(last(), {
    level: 'info',
    deployment: 'test',
    reqId: 'abc',
    route: '/login/:id',
    status: 200,
    ms: 1.5,
    message: 'request',
  })
  t.match(last().time, /^\d{4}-\d\d-\d\dT/)
})

t.test('the log knows no field that it was not told of, in lines and in children', async (t) => {
  const { log, dropped, last } = captured()
  log.child(careless({ document: '99999999R' })).info(careless({ body: { pin: '123456' }, count: 1 }), 'done')
  t.strictSame(dropped, ['document', 'body'])
  t.notMatch(JSON.stringify(last()), /99999999R|123456/)
  t.match(last(), { count: 1 })
})

t.test('a field takes its own kind of value only', async (t) => {
  const { log, dropped } = captured()
  log.info(
    careless({ route: { url: '/x' }, count: 'many', outcome: 'a sentence that somebody typed', status: 200 }),
    'x',
  )
  t.strictSame(dropped, ['route', 'count', 'outcome'])
})

t.test('without a listener the log itself says once that a field was dropped, and not its value', async (t) => {
  const lines: string[] = []
  const log = makeLog({ level: 'info', deployment: 'test', destination: { write: (line) => void lines.push(line) } })
  for (let i = 0; i < 3; i++) log.info(careless({ phone: '+34600000001' }), 'x')
  t.equal(lines.filter((line) => line.includes('"field":"phone"')).length, 1)
  t.notMatch(lines.join(''), /600000001/)
})

t.test('an error is logged by name, code, constraint and stack, never by its message', async (t) => {
  const { log, last } = captured()
  const broken = Object.assign(new Error('duplicate key (99999999R)\n    at 99999999R'), {
    code: '23505',
    constraint: 'citizen_document',
    detail: 'Key (document)=(99999999R) already exists.',
    cause: new SyntaxError('Unexpected token in 99999999R'),
  })
  for (const say of [() => log.error(careless({ err: broken }), 'failed'), () => log.error(broken)]) {
    say()
    t.notMatch(JSON.stringify(last()), /99999999R/)
    t.match(last().err, {
      name: 'Error',
      code: '23505',
      constraint: 'citizen_document',
      cause: { name: 'SyntaxError' },
    })
    t.match((last().err as { stack: string[] }).stack[0], /test\/platform\/log.test.ts:\d+/)
  }
  log.error({ err: broken }, broken.message)
  t.equal(last().message, 'error')
  log.error({ err: 'thrown text 99999999R' }, 'failed')
  t.notMatch(JSON.stringify(last()), /99999999R/)
})

t.test('Fastify takes it as its own log, and no address gets into it', async (t) => {
  const { log, lines } = captured('trace')
  const app = fastify({ loggerInstance: log })
  app.get('/x', async () => JSON.parse('{"99999999R"') as unknown)
  await app.inject('/x?document=99999999R')
  await app.inject('/none/99999999R')
  t.ok(lines.length > 0)
  t.notMatch(lines.filter((line) => !line.includes('not found')).join(''), /99999999R/)
})

t.test('below its level nothing is written', async (t) => {
  const { log, lines } = captured('warn')
  log.info('quiet')
  log.silent()
  t.strictSame(lines, [])
})

t.test('a request id comes from a believed proxy where it is well formed, else it is drawn', async (t) => {
  const id = 'a'.repeat(32)
  const request = (given: string) => ({ headers: { 'x-request-id': given } }) as never
  t.equal(requestIds(systemRandom, true)(request(id)), id)
  t.not(requestIds(systemRandom, false)(request(id)), id)
  t.match(requestIds(systemRandom, true)(request('99999999R')), /^[0-9a-f]{32}$/)
})

t.test('personal data in a line is found whatever its case, accents or country code', async (t) => {
  const people = [
    {
      document: '99999998T',
      name: 'JOSÉ LUIS MUÑOZ PEÑA',
      phone: '+34600000002',
      level: 'basic',
      codes: { pin: '271828' },
    },
  ]
  const words = wordsOf(people)
  for (const said of ['99999998t', 'jose luis munoz pena', '600000002', '271828'])
    t.equal(personalDataIn([JSON.stringify({ route: said })], words).length > 0, true, said)
  for (const said of ['basic', 'ab271828cd', '9999', 'pin'])
    t.strictSame(personalDataIn([JSON.stringify({ route: said })], words), [], said)
  t.throws(() => assertNoPersonalData(['99999998T'], words))
})

t.test('a test fails by itself when its app logs a secret or an unknown field', async (t) => {
  const failures: string[] = []
  const ends: (() => void)[] = []
  const test = { teardown: (work: () => void) => ends.push(work), fail: (message: string) => failures.push(message) }
  const log = quietLog(test, undefined, () => {})
  log.info({ job: '99999999R' }, 'x')
  log.info({ oops: 1 }, 'x')
  for (const end of ends) end()
  t.match(failures, [/the log says "99999999R"/, /no field "oops"/])
})

t.test('every field of the table says what it is', async (t) => {
  for (const [name, { what }] of Object.entries(logFields)) t.ok(what.length > 5, name)
})
