import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import {
  defaultLimits,
  documentLimits,
  limitsFrom,
  limitTable,
  limitVariable,
  type LimitName,
} from '../../src/lockout/index.ts'

const minutes = 60
const hours = 3_600
const days = 86_400

t.test('the numbers are those of the domain', async (t) => {
  t.match(defaultLimits, {
    loginLifetime: 20 * minutes,
    loginLongest: 60 * minutes,
    interactionLifetime: 90 * minutes,
    sessionIdle: 15 * minutes,
    sessionLongest: 60 * minutes,
    authorizationCodeLifetime: 60,
    accessTokenLifetime: 10 * minutes,
    pinLifetime: 10 * minutes,
    pinDigits: 6,
    pinTries: 3,
    pinsPerHour: 5,
    codeLifetime: 10 * minutes,
    codeDigits: 6,
    codeTries: 3,
    passwordFailures: 5,
    refusalFirst: 15 * minutes,
    refusalLongest: 24 * hours,
    passwordLifetime: 730 * days,
    passwordWarning: 30 * days,
    registerWait: 500,
  })
})

t.test('every limit lies within its own bounds and names its source', async (t) => {
  t.same(limitsFrom({}), defaultLimits)
  for (const [name, row] of Object.entries(limitTable)) {
    t.ok(row.least <= row.value && row.value <= row.most, name)
    t.ok(row.what.endsWith('.') && row.source !== '', name)
  }
})

t.test('an installation sets a limit otherwise by its variable', async (t) => {
  t.equal(limitVariable('pinLifetime'), 'LIMIT_PIN_LIFETIME')
  t.same(limitsFrom({ pinLifetime: 300 }), { ...defaultLimits, pinLifetime: 300 })
})

t.test('a limit that cannot be is named, with what is expected', async (t) => {
  const table: readonly (readonly [Record<string, number>, RegExp])[] = [
    [{ pinDigits: 4 }, /^LIMIT_PIN_DIGITS: .* from 6 to 10$/],
    [{ pinLifetime: 60.5 }, /^LIMIT_PIN_LIFETIME: /],
    [{ passwordFailures: 1 }, /^LIMIT_PASSWORD_FAILURES: /],
    [{ loginLifetime: 2 * hours }, /^LIMIT_LOGIN_LIFETIME: .* LIMIT_LOGIN_LONGEST \(3600\)$/],
    [{ loginLongest: 2 * hours }, /^LIMIT_LOGIN_LONGEST: .* LIMIT_INTERACTION_LIFETIME/],
    [{ sessionIdle: 2 * hours }, /^LIMIT_SESSION_IDLE: /],
    [{ pinLifetme: 300 }, /^pinLifetme: no such limit/],
  ]
  for (const [overrides, problem] of table)
    t.match(limitsFrom(overrides), { problems: [problem] }, JSON.stringify(overrides))
})

t.test('docs/limits.md is what the table says', async (t) => {
  const file = path.join(import.meta.dirname, '../../docs/limits.md')
  t.equal(readFileSync(file, 'utf8'), documentLimits(), 'run "npm run docs" after changing limits.ts')
  for (const name of Object.keys(limitTable)) t.ok(documentLimits().includes(limitVariable(name as LimitName)), name)
})
