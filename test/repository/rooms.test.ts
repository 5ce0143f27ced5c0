import path from 'node:path'
import t from 'tap'
import { importsOf, sourcesIn } from './sources.ts'

// The table of the design: imports point from a later group to an earlier one, never within a group. When this test
// fails, the design is asked first. A file at the top of src/ is a room of its own.
const groups: readonly (readonly string[])[] = [
  ['platform'],
  ['refusal', 'citizen'],
  ['civil-register', 'messaging', 'relying-party', 'audit'],
  ['lockout'],
  ['registration'],
  ['authentication'],
  ['login'],
  ['oidc', 'saml'],
  ['account', 'app-movil'],
  ['settings.ts', 'machinery.ts'],
  ['app.ts', 'worker-app.ts'],
  ['sandbox'],
  ['commands'],
  ['main.ts'],
]
const rankOf = (room: string) => groups.findIndex((group) => group.includes(room))
const roomOf = (file: string) => file.split('/')[1] ?? ''

const sources = sourcesIn('src')
const crossings = sources.flatMap((source) =>
  importsOf(source)
    .filter((specifier) => specifier.startsWith('.') && specifier.endsWith('.ts'))
    .map((specifier) => ({ from: source.file, to: path.posix.join(path.posix.dirname(source.file), specifier) }))
    .filter(({ from, to }) => roomOf(from) !== roomOf(to)),
)

t.test('every room stands in the table', async (t) => {
  for (const room of new Set(sources.map(({ file }) => roomOf(file)))) t.not(rankOf(room), -1, room)
})

t.test('imports point one way', async (t) => {
  t.ok(crossings.length > 50, 'the imports are found')
  const wrong = crossings.filter(({ from, to }) => rankOf(roomOf(to)) >= rankOf(roomOf(from)))
  t.strictSame(wrong, [])
})

t.test('a room is entered through its index.ts only', async (t) => {
  const isRoom = (file: string) => file.split('/').length > 2
  // The sandbox is no room that others build on: its one door is its command.
  const isEntrance = (file: string) => /^src\/[^/]+\/index\.ts$/.test(file) || file === 'src/sandbox/command.ts'
  // Each command is one module of src/commands, which nobody else enters.
  const wrong = crossings.filter(({ from, to }) => from !== 'src/main.ts' && isRoom(to) && !isEntrance(to))
  t.strictSame(wrong, [])
})

t.test('nothing of the sandbox can be reached from the server or the worker', async (t) => {
  const importsFrom = new Map<string, string[]>()
  for (const source of sources)
    importsFrom.set(
      source.file,
      importsOf(source)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => path.posix.join(path.posix.dirname(source.file), specifier)),
    )
  const reached = new Set(['src/commands/serve.ts', 'src/commands/worker.ts'])
  for (const file of reached) for (const next of importsFrom.get(file) ?? []) reached.add(next)
  t.ok(reached.has('src/app.ts'))
  t.strictSame(
    [...reached].filter((file) => file.startsWith('src/sandbox/')),
    [],
  )
})
