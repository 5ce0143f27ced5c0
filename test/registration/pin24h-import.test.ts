import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { checkLetter } from '../../src/citizen/document.ts'
import { statement } from '../../src/platform/index.ts'
import { importRecords, type Imported } from '../../src/registration/index.ts'
import { root } from '../repository/sources.ts'
import { testDatabase } from '../support/database.ts'
import { dyingAt, Killed } from './failpoints.ts'
import { eventsOf, scene, type Scene } from './scene.ts'

const header = 'document;contrast;given_name;first_surname;second_surname;phone;email'
const tomas = '99999989Z;04/04/2027;Tomás;Veinticuatro;Horas;600 000 013;tomas@example.es'
const olena = 'z-9999999-h;87654321;Olena;Shevchenko;;+380 50 123 4567;'
const file = (...lines: readonly string[]): Buffer => Buffer.from([header, ...lines, ''].join('\r\n'))

interface RecordRow {
  readonly document: string
  readonly contrast: string
  readonly name: string
  readonly phone: string
  readonly email: string | null
  readonly id: string
}
const records = statement<RecordRow>(
  'test.pin24h-records',
  `select document, contrast, concat_ws(' ', given_name, first_surname, second_surname) as name, phone, email, id
   from pin24h_record order by document`,
)
const recordsOf = ({ db }: Scene) => db.rows(records)
const bring = ({ parts }: Scene, content: Buffer, onlyCheck = false) => importRecords(parts, content, { onlyCheck })
const faultsOf = (imported: Imported): readonly string[] =>
  imported !== 'silent' && 'refused' in imported
    ? imported.refused.map(({ line, field, expected }) => `${line} ${field ?? ''}: ${expected}`)
    : []

t.test('a file is imported whole, in normal forms, each record with its event', async (t) => {
  const s = await scene(t)
  const imported = await bring(s, file(tomas, olena))
  t.match(imported, { records: 2, id: /^[0-9a-f-]{36}$/ })
  const rows = await recordsOf(s)
  t.match(rows, [
    {
      ...{ document: '99999989Z', contrast: '2027-04-04', name: 'TOMÁS VEINTICUATRO HORAS', phone: '+34600000013' },
      email: 'tomas@example.es',
    },
    { document: 'Z9999999H', contrast: '87654321', name: 'OLENA SHEVCHENKO', phone: '+380501234567', email: null },
  ])
  const id = imported !== 'silent' && 'id' in imported ? imported.id : undefined
  t.same(
    (await eventsOf(s)).map(({ kind, citizen_id, data }) => [kind, citizen_id, data]),
    rows.map((row) => ['pin24h-imported', row.id, { importId: id }]),
    'by the id that the citizen will have',
  )
  t.notOk((await s.parts.citizens.byDocument('99999989Z'))?.citizen, 'a record is no registration')
})

t.test('commas or semicolons, with a byte order mark or without, columns in any order, quoted or not', async (t) => {
  const columns = 'email,phone,"second_surname",first_surname,given_name,contrast,DOCUMENT'
  for (const text of [
    `\ufeff${columns}\r\ntomas@example.es,600000013,"Horas","de la ""Veinticuatro",Tomás,2027-04-04,99999989Z\r\n`,
    `\ufeff${header}\n${tomas}`,
    `${header}\n\n"99999989Z";"04-04-2027";"Tomás";"Veinticuatro";"Horas";"600000013";""\n\n\n`,
  ]) {
    const s = await scene(t)
    const imported = await bring(s, Buffer.from(text))
    if (text.includes('""Vein')) t.same(faultsOf(imported), ['2 first_surname: a name, of letters'])
    else t.match(imported, { records: 1 })
  }
})

t.test(
  'every refused line is told by its number, its field and what is expected, and nothing of the file is imported',
  async (t) => {
    const s = await scene(t)
    const imported = await bring(
      s,
      file(
        olena,
        '99999989A;04/04/2027;Tomás;Veinticuatro;Horas;600000013;',
        ';04/04/2027;Tomás;Veinticuatro;Horas;600000013;',
        '99999989Z;31/02/2027;;Veinticuatro;Horas;600;nobody',
        'X9999999J;not known;Wei;Zhang;;600000004;',
        '99999989Z;04/04/2027;Tomás;Veinticuatro;Horas;912345678;',
        '99999989Z;04/04/2027;Tomás;Veinticuatro',
      ),
    )
    t.same(faultsOf(imported), [
      '3 document: the letter that belongs to the number',
      '4 document: a DNI or NIE with its letter',
      '5 contrast: the date until which the DNI is valid, or the issue date of a permanent one',
      '5 given_name: a name, of letters',
      '5 phone: a mobile phone that can exist; one abroad with its prefix',
      '5 email: an e-mail address, or nothing',
      '6 contrast: a support number: E or C and up to 8 digits',
      '7 phone: a mobile phone that can exist; one abroad with its prefix',
      '8 : 7 fields, not 4',
    ])
    t.same(await recordsOf(s), [])
    t.same(await eventsOf(s), [])
  },
)

t.test('who is registered, renounced or died, and phones of others, are refused', async (t) => {
  const s = await scene(t)
  const line = (document: string, phone: string, contrast = '01/01/2030') => `${document};${contrast};A;B;C;${phone};`
  t.match(await bring(s, file(tomas)), { records: 1 })
  const imported = await bring(
    s,
    file(
      line('99999999R', '612345601'),
      line('99999990S', '612345602'),
      line('99999992V', '612345603'),
      tomas,
      line('99999995C', '600000001'),
      line('99999994L', '600000013'),
      line('99999996K', '612345604'),
      line('99999996K', '612345604'),
      olena,
    ),
  )
  t.same(faultsOf(imported), [
    '2 document: a person who is not registered in Cl@ve yet',
    '3 document: a person who did not renounce Cl@ve',
    '4 document: a person who is alive',
    '5 document: a person whose record was not imported before',
    '6 phone: a mobile phone that is not of another citizen',
    '7 phone: a mobile phone that is not of another citizen',
    '9 document: another one than in line 8',
    '9 phone: another one than in line 8',
  ])
  t.equal((await recordsOf(s)).length, 1)
})

t.test('who died is known from the civil register, and while it is silent nothing is imported', async (t) => {
  const s = await scene(t)
  const real = s.register
  s.register = {
    ask: async (...asked) => {
      const person = await real.ask(...asked)
      return person && person !== 'silent' ? { ...person, deceased: true } : person
    },
  }
  t.same(faultsOf(await bring(s, file(tomas))), ['2 document: a person who is alive'])
  s.register = { ask: async () => 'silent' }
  t.equal(await bring(s, file(tomas)), 'silent')
  t.same(await recordsOf(s), [])
})

t.test('the same file again is refused and changes nothing; of two at once one wins', async (t) => {
  const s = await scene(t)
  const answers = await Promise.all(Array.from({ length: 8 }, () => bring(s, file(tomas, olena))))
  t.equal(answers.filter((one) => one !== 'silent' && 'records' in one).length, 1)
  const before = [await recordsOf(s), await eventsOf(s)]
  const again = await bring(s, file(tomas, olena))
  t.same(
    faultsOf(again),
    [2, 3].map((line) => `${line} document: a person whose record was not imported before`),
  )
  t.same([await recordsOf(s), await eventsOf(s)], before)
})

t.test('--check tells the same and imports nothing', async (t) => {
  const s = await scene(t)
  t.same(await bring(s, file(tomas), true), { records: 1 })
  t.equal(faultsOf(await bring(s, file(tomas, tomas), true)).length, 2)
  t.same(await recordsOf(s), [])
})

const nasty: readonly (readonly [string, Buffer | string, RegExp])[] = [
  ['an empty file', '', /^1 : the columns/],
  ['a header alone', `${header}\n`, /^1 : a line for each record/],
  ['another header', `${header};extra\n${tomas};\n`, /^1 : the columns/],
  ['a column twice', header.replace('email', 'phone'), /^1 : the columns/],
  ['no header', `${tomas}\n`, /^1 : the columns/],
  ['Latin-1', Buffer.from(`${header}\n${tomas}\n`, 'latin1'), /^1 : text in UTF-8/],
  ['UTF-16', Buffer.from(`\ufeff${header}\n`, 'utf16le'), /^1 : text in UTF-8/],
  ['NUL', file(tomas.replace('Horas', 'Ho\0ras')), /^2 second_surname: text without control characters/],
  ['a line break in a field', file(olena, tomas.replace('Horas', '"Ho\nras"')), /^3 second_surname: text without/],
  ['a formula', file(tomas.replace('Tomás', `"=HYPERLINK(""http://x"")"`)), /^2 given_name: .* formula/],
  ['a formula in full-width signs', file(tomas.replace('tomas@', '＝1+tomas@')), /^2 email: .* formula/],
  ['a formula as e-mail', file(tomas.replace('tomas@', '@tomas@')), /^2 email: .* formula/],
  ['a second recipient', file(tomas.replace('example.es', 'example.es,b@example.es')), /^2 email: an e-mail/],
  ['markup', file(tomas.replace('Tomás', '<script>')), /^2 given_name: a name/],
  ['an open quote', file(tomas.replace('Horas', '"Horas'), olena), /^2 : quotes/],
  ['a quote inside', file(olena, tomas.replace('Horas', 'Ho"ras')), /^3 : quotes/],
  ['text after a quote', file(tomas.replace('Horas', '"Horas"x')), /^2 : quotes/],
  ['an open quote in the header', `"${header}\n${tomas}`, /^1 : quotes/],
  ['a field of 1 MB', file(tomas.replace('Horas', 'A'.repeat(1_000_000))), /^2 : at most 8000 characters/],
  ['a field of 300', file(tomas.replace('Horas', 'A'.repeat(300))), /^2 second_surname: at most 200/],
  ['too large a file', file(`${tomas}${' '.repeat(4 * 1024 * 1024)}`), /^1 : a file of at most 4 MiB/],
  ['too many', file(...Array.from({ length: 20_001 }, () => ';;;;;;')), /^1 : at most 20000 records/],
  ['digits of another script', file(tomas.replace('600 000 013', '٦٠٠٠٠٠٠١٣')), /^2 phone: a mobile/],
]
t.test('tricks are refused clearly', async (t) => {
  const s = await scene(t)
  for (const [what, content, expected] of nasty)
    t.match(faultsOf(await bring(s, Buffer.from(content)))[0], expected, what)
  t.same(await recordsOf(s), [])
})

for (const when of ['before', 'after'] as const)
  t.test(`killed ${when} any statement of an import: all of it, or nothing`, async (t) => {
    const s = await scene(t)
    for (let nth = 1; ; nth++) {
      const work = importRecords({ ...s.parts, db: dyingAt(s.db, nth, when) }, file(tomas, olena), { onlyCheck: false })
      const done = await work.catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error
      })
      const [rows, events] = [await recordsOf(s), await eventsOf(s)]
      t.equal(events.length, rows.length, `at statement ${nth}`)
      t.ok(rows.length === 0 || rows.length === 2)
      if (done || rows.length === 2) break
    }
    t.equal((await recordsOf(s)).length, 2)
  })

t.test('a thousand records are imported at once', async (t) => {
  const s = await scene(t)
  const lines = Array.from({ length: 1_000 }, (_, nth) => {
    const digits = String(10_000_000 + nth)
    return `${digits}${checkLetter(digits)};01/01/2030;Ana;García;López;6${String(10_000_000 + nth)};`
  })
  const imported = await bring(s, file(...lines))
  t.match(imported, { records: 1_000 })
  t.equal((await recordsOf(s)).length, 1_000)
})

async function clave(t: Test, content: Buffer | undefined, ...argv: readonly string[]) {
  const directory = await mkdtemp(join(tmpdir(), 'clave-test-import-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const path = join(directory, 'records.csv')
  if (content) await writeFile(path, content)
  return (url: string) =>
    new Promise<{ code: number; out: string; error: string }>((resolve) => {
      const words = argv.map((word) => (word === 'FILE' ? path : word === 'FOLDER' ? directory : word))
      const env = { PATH: process.env['PATH'], DATABASE_URL: url }
      execFile(process.execPath, [join(root, 'src/main.ts'), 'citizen', ...words], { env }, (failed, out, error) =>
        resolve({ code: typeof failed?.code === 'number' ? failed.code : 0, out, error }),
      )
    })
}

t.test('clave citizen import: its exit codes, and no personal data in what it says', async (t) => {
  const { url } = await testDatabase(t)
  const run = async (content: Buffer | undefined, ...argv: readonly string[]) => (await clave(t, content, ...argv))(url)
  t.match(await run(file(tomas), 'import', 'FILE', '--check'), {
    code: 0,
    out: '1 record can be imported.\n',
    error: '',
  })
  const refused = await run(file(tomas, tomas.replace('Horas', 'H0ras')), 'import', 'FILE')
  t.match(refused, { code: 1, out: '' })
  t.match(
    refused.error,
    /^line 3: second_surname: expected a name, of letters\n1 line refused; nothing was imported\.\n$/,
  )
  for (const personal of ['99999989Z', '2027', 'omás', 'H0ras', '600', 'tomas@']) t.notMatch(refused.error, personal)
  t.match(await run(file(tomas), 'import', 'FILE'), { code: 0, out: /^1 record imported: [0-9a-f-]{36}\n$/ })
  t.match(await run(file(tomas), 'import', 'FILE'), {
    code: 1,
    error: /expected a person whose record was not imported/,
  })
  for (const argv of [[], ['import'], ['export', 'FILE'], ['import', 'FILE', 'more'], ['import', 'FILE', '--force']])
    t.match(await run(file(tomas), ...argv), { code: 2, out: '', error: /clave citizen import FILE/ }, argv.join(' '))
  t.match(await run(undefined, 'import', 'FILE'), { code: 2, error: /cannot be read/ })
  t.match(await run(undefined, 'import', 'FOLDER'), { code: 2, error: /cannot be read/ })
  t.match(await run(undefined, '--help'), { code: 0, out: /clave citizen import FILE/ })
})
