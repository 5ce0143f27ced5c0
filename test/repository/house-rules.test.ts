import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { importsOf, root, sourcesIn, withoutComments } from './sources.ts'

const sources = sourcesIn('src')
/** The files in which the pattern stands, apart from those where it belongs. */
const offenders = (pattern: RegExp, belongs: (file: string) => boolean) =>
  sources.filter(({ file, text }) => !belongs(file) && pattern.test(withoutComments(text))).map(({ file }) => file)
const runsInBrowser = (file: string) => file.includes('/scripts/')

t.test('environment variables are read in src/platform/config only', async (t) => {
  const belongs = (file: string) => file.startsWith('src/platform/config/')
  t.strictSame(offenders(/process\s*\.\s*env\b|from 'node:process'/, belongs), [])
})

t.test('the real clock is asked in src/platform/clock.ts only', async (t) => {
  const belongs = (file: string) => file === 'src/platform/clock.ts' || runsInBrowser(file)
  t.strictSame(offenders(/\bDate\.now\b|new Date\(\s*\)|(?<!new )\bDate\(\)/, belongs), [])
})

t.test('SQL does not ask the time, but where the clock follows the database', async (t) => {
  const belongs = (file: string) => ['src/platform/database-clock.ts', 'src/platform/jobs/worker.ts'].includes(file)
  t.strictSame(
    offenders(
      /\b(now|clock_timestamp|statement_timestamp)\(\)(?=[^=]*`)|\bcurrent_timestamp\b/,
      (file) => belongs(file) || !file.endsWith('-table.ts'),
    ),
    [],
  )
})

t.test('randomness comes from src/platform/random.ts only', async (t) => {
  const belongs = (file: string) => file === 'src/platform/random.ts' || runsInBrowser(file)
  t.strictSame(
    offenders(/Math\.random|\b(randomBytes|randomInt|randomUUID|getRandomValues|randomFill(Sync)?)\b/, belongs),
    [],
  )
})

t.test('there are no default exports', async (t) => {
  t.strictSame(
    offenders(/\bexport default\b|\bas default\b/, () => false),
    [],
  )
})

t.test('no room has a drawer for what belongs elsewhere', async (t) => {
  const drawers = /\/(utils?|helpers?|common|services?|managers?)(\/|\.ts$)/
  t.strictSame(
    sources.map(({ file }) => file).filter((file) => drawers.test(file)),
    [],
  )
})

t.test('what runs in production needs only the packages of production', async (t) => {
  const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const packageOf = (specifier: string) =>
    specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/')
  const missing = sources
    .filter(({ file }) => !file.startsWith('src/sandbox/'))
    .flatMap((source) => importsOf(source).map((specifier) => ({ file: source.file, needs: packageOf(specifier) })))
    .filter(({ needs }) => !needs.startsWith('.') && !needs.startsWith('node:') && !(needs in dependencies))
  t.strictSame(missing, [])
})
