import { execFile } from 'node:child_process'
import path from 'node:path'
import t from 'tap'
import { commands, type CommandRow } from '../../src/commands/table.ts'
import { settings } from '../../src/platform/config/settings.ts'
import { root } from './sources.ts'

interface Ended {
  readonly code: number
  readonly out: string
  readonly error: string
}

function clave(...argv: readonly string[]): Promise<Ended> {
  const env = { PATH: process.env['PATH'] }
  return new Promise((resolve) => {
    execFile(process.execPath, [path.join(root, 'src/main.ts'), ...argv], { env }, (failed, out, error) => {
      resolve({ code: typeof failed?.code === 'number' ? failed.code : 0, out, error })
    })
  })
}

t.test('--help names every command, and each command tells what it takes', async (t) => {
  const all = await clave('--help')
  t.equal(all.code, 0)
  for (const name of Object.keys(commands)) t.match(all.out, name)
  const one = await clave('serve', '--help')
  t.equal(one.code, 0)
  t.match(one.out, /--port 8080 .*\(PORT\)/)
})

t.test('an unknown command or option is one line and exit code 2', async (t) => {
  for (const argv of [['surf'], ['serve', '--prot', '1'], ['keys', 'burn'], ['sandbox', '--port']]) {
    const { code, out, error } = await clave(...argv)
    t.equal(code, 2, argv.join(' '))
    t.equal(out, '')
    t.match(error, /^[^\n]+ See: clave [^\n]*--help\n$/)
  }
})

t.test('a wrong configuration is told at once, one line each, and exit code 1', async (t) => {
  const { code, out, error } = await clave('serve', '--port', 'eighty')
  t.equal(code, 1)
  t.equal(out, '')
  const lines = error.trimEnd().split('\n')
  for (const name of ['BASE_URL', 'PORT', 'DATABASE_URL', 'MASTER_KEYS', 'PAIRWISE_SECRET'])
    t.ok(
      lines.some((line) => line.startsWith(`${name}: `)),
      name,
    )
  t.notMatch(error, /eighty/)
})

t.test('every option that stands for a setting names one that there is', async (t) => {
  const options = Object.values<CommandRow>(commands).flatMap((row) => Object.values(row.options))
  for (const { sets } of options) if (sets !== undefined) t.ok(sets in settings, sets)
})
