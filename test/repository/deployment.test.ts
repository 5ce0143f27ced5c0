import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { isCommand } from '../../src/commands/table.ts'
import { readConfig } from '../../src/platform/config/read-config.ts'
import { settings, type Command } from '../../src/platform/config/settings.ts'
import { settingsFor } from '../../src/settings.ts'
import { root } from './sources.ts'

// No image can be built where these tests run: instead, everything that the files name is looked up.
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const exists = (file: string) => existsSync(path.join(root, file))

interface Service {
  readonly build?: { readonly target: string }
  readonly image: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly profiles?: readonly string[]
  readonly healthcheck?: { readonly disable?: boolean; readonly test?: readonly string[] }
  readonly depends_on?: Readonly<Record<string, unknown>>
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}

/** The settings of deploy/example.env, filled in. */
const example = Object.fromEntries(
  read('deploy/example.env')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
)
const filledIn: Readonly<Record<string, string>> = {
  ...example,
  POSTGRES_PASSWORD: 'a1',
  OWNER_PASSWORD: 'b2',
  APPLICATION_PASSWORD: 'c3',
  METRICS_TOKEN: 'd4d4d4d4d4d4d4d4d4d4',
  MASTER_KEYS: `2026-11:${Buffer.alloc(32, 1).toString('base64')}`,
  PAIRWISE_SECRET: 'e5'.repeat(32),
}

const composeText = read('docker-compose.yml')
const variables = [...composeText.matchAll(/\$\{([A-Z_]+)(?::?[-?][^}]*)?\}/g)].map(([, name]) => name ?? '')
const interpolated = composeText.replace(/\$\{([A-Z_]+)(?::-([^}]*))?\}/g, (_, name: string, otherwise = '') => {
  return filledIn[name] ?? String(otherwise)
})
const compose = parse(interpolated, { merge: true }) as Compose
const ours = Object.entries(compose.services).filter(([, { build }]) => build)

const dockerfile = read('Dockerfile').replaceAll('\\\n', ' ').split('\n')
const lines = (instruction: string) =>
  dockerfile.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1))
const stages = new Map(lines('FROM').map((line) => [/ AS (\S+)$/.exec(line)?.[1] ?? '', line.split(' ')[0] ?? '']))
const own = ['NODE_ENV']

function checkCommand(t: Test, command: readonly string[]): void {
  const [program, ...words] = command
  // Options of Node come before the script.
  const [script, name] = words.filter((word) => !word.startsWith('--'))
  t.equal(program, 'node')
  t.equal(script, 'src/main.ts')
  t.ok(exists(String(script)))
  t.ok(isCommand(String(name)), command.join(' '))
}

t.test('the Dockerfile copies what is there and what .dockerignore lets through', async (t) => {
  const allowed = read('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1))
  for (const copied of lines('COPY').filter((line) => !line.startsWith('--from='))) {
    for (const source of copied.split(' ').slice(0, -1)) {
      t.ok(exists(source), source)
      t.ok(allowed.includes(source.replace('./', '')), `${source} passes .dockerignore`)
    }
  }
  for (const entry of allowed) t.ok(exists(entry), entry)
})

t.test('the image has all that src/ reads beside it', async (t) => {
  for (const folder of ['config', 'locales', 'migrations', 'src'])
    t.ok(lines('COPY').includes(`${folder} ./${folder}`), folder)
})

t.test('its stages stand on one another or on Node 24, and optional packages stay', async (t) => {
  for (const [name, base] of stages) t.ok(base === 'node:24-slim' || stages.has(base), name)
  for (const line of lines('COPY').filter((line) => line.startsWith('--from=')))
    t.ok(stages.has(/^--from=(\S+)/.exec(line)?.[1] ?? ''), line)
  for (const line of lines('RUN')) t.notMatch(line, /omit[= ]*optional|no-optional/)
  for (const module of lines('RUN').flatMap((line) => [...line.matchAll(/\/app\/(src\/\S+\.ts)/g)]))
    t.ok(exists(String(module[1])), String(module[1]))
})

t.test('it runs without rights, says how it is, and begins with a command that there is', async (t) => {
  t.equal(lines('USER').length, 2)
  t.ok(lines('USER').every((user) => user === 'node'))
  t.equal(lines('HEALTHCHECK').length, 2)
  for (const check of lines('HEALTHCHECK')) t.match(check, /127\.0\.0\.1:8080\/health\/live/)
  for (const command of lines('CMD')) checkCommand(t, JSON.parse(command) as string[])
  for (const set of lines('ENV')) {
    const [name = '', value = ''] = set.split('=')
    t.ok(name in settings || own.includes(name), name)
    if (name === 'CONFIG') t.ok(exists(`config/${value}.json`), value)
  }
})

t.test('docker-compose.yml has the services, each from an image or a stage that there is', async (t) => {
  t.match(Object.keys(compose.services), [
    'postgres',
    'redis',
    'migrate',
    'server',
    'worker',
    'sandbox-postgres',
    'sandbox',
  ])
  for (const [name, { image, build, depends_on }] of Object.entries(compose.services)) {
    t.ok(image, name)
    if (build) t.ok(stages.has(build.target), build.target)
    for (const other of Object.keys(depends_on ?? {})) t.ok(other in compose.services, other)
  }
  t.strictSame(compose.services['sandbox']?.profiles, ['sandbox'])
})

t.test('every variable that compose sets is a setting, and each command finds all that it needs', async (t) => {
  for (const [name, { environment = {}, command = ['node', 'src/main.ts', 'serve'] }] of ours) {
    for (const variable of Object.keys(environment)) t.ok(variable in settings, `${name}: ${variable}`)
    checkCommand(t, command)
    const config = settingsFor(command[2] as Command, environment)
    t.ok(config, name)
  }
})

t.test('what compose asks of .env stands in deploy/example.env, and the other way round', async (t) => {
  const optional = ['DEPLOYMENT', 'LOCALE_DEFAULT', 'LOG_LEVEL']
  const asked = [...new Set(variables)].filter((name) => !optional.includes(name)).sort()
  t.strictSame(asked, Object.keys(example).sort())
})

t.test('ports, volumes, files and health checks fit together', async (t) => {
  for (const [name, { environment = {}, ports = [], volumes = [], healthcheck }] of Object.entries(compose.services)) {
    const listening = ['PORT', 'AGENCIES_PORT', 'WORKER_PORT'].map((variable) => environment[variable])
    for (const port of ports) t.ok(listening.includes(port.split(':').at(-1)), `${name}: ${port}`)
    for (const [source = ''] of volumes.map((volume) => volume.split(':')))
      t.ok(source.startsWith('./') ? exists(source) : source in compose.volumes, `${name}: ${source}`)
    const asked = /127\.0\.0\.1:(\d+)\/health/.exec(healthcheck?.test?.join(' ') ?? '')?.[1]
    if (asked) t.ok(listening.includes(asked), `${name}: health on ${asked}`)
  }
})

t.test('every file of config/ is right', async (t) => {
  for (const file of readdirSync(path.join(root, 'config'))) {
    const environment = {
      CONFIG: path.basename(file, '.json'),
      REDIS_URL: 'redis://redis',
      METRICS_TOKEN: 'd4'.repeat(12),
    }
    t.doesNotThrow(() => readConfig('sandbox', { environment }), file)
  }
})

t.test('the script of the database makes the roles that compose connects as', async (t) => {
  const script = read('deploy/postgres/roles.sh')
  for (const role of ['clave_owner', 'clave']) t.match(script, new RegExp(`create role ${role} login`))
  for (const [, { environment = {} }] of ours)
    for (const url of [environment['DATABASE_URL'], environment['MIGRATE_DATABASE_URL']].filter(Boolean))
      t.match(new URL(String(url)).username, /^(clave|clave_owner)$/)
  t.match(compose.services['migrate']?.environment, { APPLICATION_ROLE: 'clave' })
})

t.test('what the image runs while it is built runs', (t) => {
  const programs = [...read('Dockerfile').matchAll(/^RUN node (--input-type=module) --eval "(.*)"$/gm)]
  t.equal(programs.length, 1)
  for (const [, type = '', program = ''] of programs) {
    const here = program.replaceAll('/app/', `${root.replace(/\/$/, '')}/`)
    const { status, stderr } = spawnSync(process.execPath, [type, '--eval', here], { encoding: 'utf8' })
    t.equal(status, 0, stderr)
  }
  t.end()
})
