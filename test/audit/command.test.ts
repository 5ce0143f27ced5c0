import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { noteEvent, readAuditCall, runAuditCommand } from '../../src/audit/index.ts'
import type { Teardown } from '../support/database.ts'
import { auditScene, login } from './scene.ts'

async function command(t: Teardown) {
  const scene = await auditScene(t)
  const run = async (...args: string[]) => {
    const said = { out: '', error: '' }
    const called = readAuditCall(args)
    if (typeof called === 'string') return { code: 2, ...said }
    const code = await runAuditCommand(scene, called, {
      out: (text) => void (said.out += text),
      error: (text) => void (said.error += text),
    })
    return { code, ...said }
  }
  return { ...scene, run }
}

t.test('clave audit verify says what it found, plainly or as JSON, and ends with 0 or 1', async (t) => {
  const { db, clock, seal, tamper, run } = await command(t)
  await seal(2, 2)
  await noteEvent(db, login(clock.now()))
  const fine = await run('verify')
  t.equal(fine.code, 0)
  t.match(
    fine.out,
    /^4 rows in 2 batches; 1 rows are not sealed yet\.\nThe chain ends at 2:[\w-]{43}\nNothing is wrong\.\n$/,
  )
  const anchor = /2:[\w-]{43}/.exec(fine.out)![0]
  t.equal((await run('verify', '--anchor', anchor)).code, 0)
  t.match(await run('verify', '--anchor', `1${anchor.slice(1)}`, '--anchor', anchor), {
    code: 1,
    out: /\nBatch 1 is not the one of the anchor: the chain was made anew\.\n1 faults\.\n$/,
  })

  await tamper(`delete from audit_event where id = 3`)
  t.match(await run('verify'), { code: 1, out: /\nRow 3 \(batch 2\) is missing\.\n1 faults\.\n$/ })
  const json = await run('verify', '--json')
  t.equal(json.code, 1)
  t.match(JSON.parse(json.out), {
    batches: 2,
    rows: 4,
    unsealed: 1,
    anchor,
    faults: [{ fault: 'row-missing', row: 3, batch: 2 }],
  })
})

t.test('called wrongly it does nothing', async (t) => {
  for (const args of [
    [],
    ['burn'],
    ['verify', 'twice'],
    ['verify', '--anchor', '7'],
    ['shorten'],
    ['shorten', '--before', 'yesterday'],
    ['verify', '--jsno'],
  ])
    t.type(readAuditCall(args), 'string', args.join(' '))
})

t.test('what is older than two years may be given up: the chain says so, and verifies without it', async (t) => {
  const { seal, sealer, tamper, run, verify } = await command(t)
  await seal(4, 3)
  t.match(await run('shorten', '--before', '2026-11-01'), { code: 1, error: /last 2 years/ })
  t.match(await run('shorten', '--before', '2020-01-01'), { code: 1, error: /Nothing was sealed before/ })
  // As if two of them had been sealed ten years ago; their own seals are not looked at once they are gone.
  await tamper(`update audit_batch set sealed_at = '2016-01-01' where seq <= 2`)
  const shortened = await run('shorten', '--before', '2020-01-01')
  t.match(shortened, { code: 0, out: /^-- Sealed up to batch 2\. .*\nbegin;\n/ })
  await sealer.seal()
  for (const one of shortened.out
    .replace(/^--.*\n/, '')
    .split(';\n')
    .filter((sql) => sql.startsWith('delete')))
    await tamper(one)
  const [left] = await tamper<{ count: number }>('select count(*) as count from audit_event')
  t.equal(left?.count, 7)
  t.match(await verify(), { batches: 3, rows: 7, givenUp: 2, faults: [] })
  t.match(await run('verify'), { code: 0, out: /\nThe first 2 batches were given up\.\n/ })
  // Nobody said that the third might go as well.
  await tamper('delete from audit_event where id between 7 and 9')
  await tamper('delete from audit_batch where seq = 3')
  t.strictSame((await verify()).faults, [{ fault: 'start-cut', batch: 4 }])
})

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const clave = (environment: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  new Promise<{ code: number; out: string; error: string }>((resolve) => {
    const env = { PATH: process.env['PATH'], ...environment }
    execFile(process.execPath, [main, 'audit', ...args], { env }, (failed, out, error) =>
      resolve({ code: typeof failed?.code === 'number' ? failed.code : 0, out, error }),
    )
  })

t.test('from the command line: 0 where nothing is wrong, 1 with faults, 2 where it was called wrongly', async (t) => {
  const { environment, seal, tamper } = await command(t)
  await seal(1, 2)
  t.match(await clave(environment, 'verify'), { code: 0, out: /\nNothing is wrong\.\n$/, error: '' })
  await tamper('update audit_event set kind = $1 where id = 1', 'logout')
  t.match(await clave(environment, 'verify'), { code: 1, out: /\nRow 1 \(batch 1\) was changed/, error: '' })
  t.match(await clave(environment, 'verify', '--anchor', 'last'), {
    code: 2,
    out: '',
    error: /^An anchor is .*\n\nclave audit/,
  })
  t.match(await clave({}, '--help'), { code: 0, out: /^clave audit verify/ })
})
