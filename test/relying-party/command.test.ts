import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import t from 'tap'
import { systemRandom } from '../../src/platform/index.ts'
import { makeRelyingParties, runRelyingPartyCommand } from '../../src/relying-party/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'

t.test('clave rp lists, adds and changes relying parties', async (t) => {
  const { db } = await testDatabase(t)
  const registry = makeRelyingParties({ db, clock: testClock(), random: systemRandom, allowHttp: false })
  const file = path.join(t.testdir({}), 'client.json')
  await writeFile(file, JSON.stringify({ redirect_uris: ['https://agency.example/callback'] }))
  const run = async (...args: string[]) => {
    const said = { out: '', error: '' }
    const code = await runRelyingPartyCommand(registry, args, {
      out: (text) => void (said.out += text),
      error: (text) => void (said.error += text),
    })
    return { code, ...said }
  }

  const added = await run(
    'add',
    'aeat',
    '--name',
    'AEAT',
    '--sector',
    'hacienda',
    '--scopes',
    'profile,document',
    '--oidc',
    file,
  )
  t.match(added, { code: 0, error: '' })
  t.match(JSON.parse(added.out), { id: 'aeat', client_id: 'aeat', client_secret: /^[\w-]{43}$/ })
  t.match(await registry.find('aeat'), { name: 'AEAT', sector: 'hacienda', scopes: ['profile', 'document'] })

  t.same(await run('change', 'aeat', '--level', 'substantial', '--excluded', 'pin'), {
    code: 0,
    error: '',
    out: '{\n  "id": "aeat",\n  "client_id": "aeat"\n}\n',
  })
  t.match(JSON.parse((await run('change', 'aeat', '--new-secret')).out), { client_secret: String })
  t.same(await run('list'), { code: 0, error: '', out: 'aeat\tsubstantial\thacienda\tAEAT\n' })

  t.match(await run('add', 'aeat', '--name', 'AEAT'), { code: 1, error: 'id is taken: aeat\n' })
  t.match(await run('change', 'aeat', '--level', 'medium', '--scopes', 'iban'), {
    code: 1,
    error: /^level .*\nscopes .*\n$/,
  })
  t.match(await run('change', 'nobody', '--level', 'low'), { code: 1, error: /no such relying party/ })
  t.match(await run('add', '--oidc', `${file}.not`), { code: 1, error: /cannot be read as JSON/ })
  for (const wrong of [
    [],
    ['remove', 'aeat'],
    ['change'],
    ['list', 'aeat'],
    ['add', 'a', 'b'],
    ['list', '--colour', 'red'],
  ]) {
    t.match(await run(...wrong), { code: 2, out: '', error: /clave rp change ID/ }, wrong.join(' '))
  }
})
