import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { limitsFrom, limitTable } from '../../src/lockout/index.ts'
import { ConfigError, readConfig, type ConfigSources } from '../../src/platform/config/read-config.ts'
import { settings, type Command } from '../../src/platform/config/settings.ts'
import { namedKeys, publicOrigin, trustedProxies } from '../../src/platform/config/kinds.ts'

const key = Buffer.alloc(32, 7).toString('base64')
const good = {
  BASE_URL: 'https://clave.example',
  DATABASE_URL: 'postgres://clave:secret-of-the-database@db/clave',
  MASTER_KEYS: `a:${key}`,
  PAIRWISE_SECRET: 'never-to-be-changed-and-long-enough',
  SMPP_URL: 'smpp://user:secret-of-the-gateway@sms:2775',
}

function problemsOf(sources: ConfigSources, command: Command = 'serve'): readonly string[] {
  try {
    readConfig(command, sources)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

t.test('what is given is typed and what is not has its default', async (t) => {
  const config = readConfig('serve', { environment: { ...good, PORT: '9000' } })
  t.match(config, {
    baseUrl: 'https://clave.example',
    port: 9000,
    host: '127.0.0.1',
    store: 'postgres',
    trustProxy: false,
  })
  t.strictSame(config.masterKeys, [{ id: 'a', key: Buffer.alloc(32, 7) }])
  t.strictSame(config.limits, {})
})

t.test('everything that is wrong or missing is named at once, each with what is expected', async (t) => {
  const problems = problemsOf({
    environment: { BASE_URL: 'http://clave.example', PORT: '80 80', STORE: 'redis', METRICS: 'token' },
  })
  t.strictSame(
    problems.map((line) => line.slice(0, line.indexOf(';'))),
    [
      'BASE_URL: wrong',
      'PORT: wrong',
      'DATABASE_URL: missing',
      'REDIS_URL: missing',
      'MASTER_KEYS: missing',
      'PAIRWISE_SECRET: missing',
      'METRICS_TOKEN: missing',
    ],
  )
  for (const line of problems) t.match(line, /; expected .+/)
})

t.test('no value is ever printed, be it secret or not', async (t) => {
  const wrong = Object.fromEntries(Object.keys(settings).map((name) => [name, 'zzz leaked value zzz']))
  for (const line of problemsOf({ environment: wrong })) t.notMatch(line, /leaked/)
})

t.test('each command needs only its own settings', async (t) => {
  t.strictSame(problemsOf({ environment: { MIGRATE_DATABASE_URL: 'postgres://db/clave' } }, 'migrate'), [])
  t.strictSame(problemsOf({ environment: {} }, 'sandbox'), [])
  t.match(problemsOf({ environment: {} }, 'worker').join('\n'), /SMPP_URL: missing/)
})

t.test('an empty variable is an absent one', async (t) => {
  t.equal(readConfig('serve', { environment: { ...good, PORT: '', STORE: '' } }).port, 8080)
  t.match(problemsOf({ environment: { ...good, BASE_URL: '' } }), [/^BASE_URL: missing/])
})

t.test('a secret may lie in a file, but not be given twice', async (t) => {
  const { PAIRWISE_SECRET: secret, ...others } = good
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'config-')), 'secret')
  writeFileSync(file, `${secret}\n`)
  t.equal(readConfig('serve', { environment: { ...others, PAIRWISE_SECRET_FILE: file } }).pairwiseSecret, secret)
  t.match(problemsOf({ environment: { ...good, PAIRWISE_SECRET_FILE: file } }), [/^PAIRWISE_SECRET: given twice/])
  t.match(
    problemsOf({ environment: { ...others, PAIRWISE_SECRET_FILE: '/not/there' } })[0],
    /^PAIRWISE_SECRET_FILE: wrong/,
  )
})

t.test('the environment wins over the file of config/, the file over the default', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'config-'))
  writeFileSync(
    path.join(folder, 'here.json'),
    JSON.stringify({ PORT: 1234, HOST: '0.0.0.0', LIMIT_PIN_LIFETIME: 300 }),
  )
  const config = readConfig('serve', { environment: { ...good, CONFIG: 'here', PORT: '99' }, folder })
  t.match(config, { port: 99, host: '0.0.0.0', limits: { pinLifetime: 300 } })
})

t.test('a file of config/ holds known settings and no secrets', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'config-'))
  const wrong = { PROT: 1, PAIRWISE_SECRET: good.PAIRWISE_SECRET, HOST: ['a'], CONFIG: 'other' }
  writeFileSync(path.join(folder, 'wrong.json'), JSON.stringify(wrong))
  writeFileSync(path.join(folder, 'broken.json'), '{')
  t.match(problemsOf({ environment: { ...good, CONFIG: 'wrong' }, folder }), [
    /^config\/wrong.json: PROT is not a setting/,
    /^config\/wrong.json: PAIRWISE_SECRET is a secret/,
    /^config\/wrong.json: HOST: wrong/,
    /^config\/wrong.json: CONFIG is not a setting/,
  ])
  t.match(problemsOf({ environment: { ...good, CONFIG: 'broken' }, folder }), [
    /^CONFIG: wrong; expected config\/broken.json/,
  ])
  t.match(problemsOf({ environment: { ...good, CONFIG: '../etc/passwd' }, folder }), [
    /^CONFIG: wrong; expected 1 to 64/,
  ])
})

t.test('every limit can be set otherwise, by a whole number and under its own name only', async (t) => {
  const limits = { table: limitTable, check: limitsFrom }
  const set = (given: Record<string, string>) => ({ environment: { ...good, ...given }, limits })
  t.strictSame(readConfig('serve', set({ LIMIT_PIN_LIFETIME: '300' })).limits, { pinLifetime: 300 })
  t.match(problemsOf(set({ LIMIT_PIN_LIFETIME: 'soon' })), [/^LIMIT_PIN_LIFETIME: wrong/])
  t.match(problemsOf(set({ LIMIT_PIN_LIVETIME: '300' })), [/^LIMIT_PIN_LIVETIME: unknown/])
  t.match(problemsOf(set({ LIMIT_PIN_TRIES: '0', LIMIT_SESSION_IDLE: '7200' })), [
    /^LIMIT_PIN_TRIES: wrong/,
    /^LIMIT_SESSION_IDLE: wrong/,
  ])
})

t.test('the public origin is https, or http on this machine only', async (t) => {
  for (const fit of [
    'https://clave.example',
    'https://clave.example:8443',
    'http://localhost:8080',
    'http://127.0.0.1:1',
    'http://[::1]:80',
  ])
    t.ok(publicOrigin.parse(fit), fit)
  for (const unfit of [
    'http://clave.example',
    'https://clave.example/path',
    'https://u:p@clave.example',
    'clave.example',
    'ftp://localhost',
  ])
    t.notOk(publicOrigin.parse(unfit), unfit)
  t.equal(publicOrigin.parse('https://clave.example/'), 'https://clave.example')
})

t.test('master keys are 32 bytes each, under different ids', async (t) => {
  t.equal(namedKeys.parse(`a:${key}, b:${key}`)?.length, 2)
  for (const unfit of ['', 'a', `a:${key},a:${key}`, `a:${key},`, 'a:AAAA', `:${key}`])
    t.equal(namedKeys.parse(unfit), undefined, unfit)
})

t.test('proxies are believed by number or by address', async (t) => {
  t.equal(trustedProxies.parse('false'), false)
  t.equal(trustedProxies.parse('2'), 2)
  t.strictSame(trustedProxies.parse('10.0.0.0/8, ::1'), ['10.0.0.0/8', '::1'])
  for (const unfit of ['true', '0', 'everybody', '10.0.0.0/8,']) t.equal(trustedProxies.parse(unfit), undefined, unfit)
})
