import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Environment } from './environment.ts'
import { wholeNumber } from './kinds.ts'
import { settings, type Command, type Config, type Setting, type SettingName } from './settings.ts'

/** What is wrong with the configuration: one line each, which names the setting and never says its value. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

export interface ConfigSources {
  readonly environment: Environment
  /** Folder of the files that CONFIG chooses from; the repository's `config/` unless told otherwise. */
  readonly folder?: string
  /** The table of limits, by which LIMIT_… is checked. */
  readonly limits?: LimitRules
}

export interface LimitRules {
  readonly table: Readonly<Record<string, unknown>>
  /** What is wrong with these numbers, or anything else where nothing is. */
  readonly check: (overrides: Readonly<Record<string, number>>) => object | { readonly problems: readonly string[] }
}

const names = Object.keys(settings) as SettingName[]
const rowOf = (name: SettingName): Setting => settings[name]
const ownFolder = path.join(import.meta.dirname, '../../../config')

/** @throws ConfigError with everything that is wrong, not only the first. */
export function readConfig<For extends Command>(command: For, sources: ConfigSources): Config<For> {
  const problems: string[] = []
  const given = { ...readFile(sources, problems), ...readEnvironment(sources.environment, problems) }
  const config: Record<string, unknown> = { limits: readLimits(given, sources.limits, problems) }
  for (const name of names) config[camel(name)] = readSetting(name, given, command, problems)
  if (problems.length > 0) throw new ConfigError(problems)
  return config as Config<For>
}

type Given = Readonly<Record<string, string>>

function readSetting(name: SettingName, given: Given, command: Command, problems: string[]): unknown {
  const row = rowOf(name)
  const text = given[name]
  if (text === undefined) {
    if (row.default === undefined && isNeeded(row, given, command))
      problems.push(`${name}: missing; expected ${row.kind.expected}`)
    return row.default
  }
  const value = row.kind.parse(text)
  if (value === undefined) problems.push(`${name}: wrong; expected ${row.kind.expected}`)
  return value
}

function isNeeded(row: Setting, given: Given, command: Command): boolean {
  if (!row.neededBy?.includes(command)) return false
  if (!row.neededWhen) return true
  const { setting, is } = row.neededWhen
  return (given[setting] ?? String(rowOf(setting as SettingName).default)) === is
}

/** The environment's settings; those of a secret may lie in a file, as Docker hands secrets over. */
function readEnvironment(environment: Environment, problems: string[]): Given {
  const given: Record<string, string> = {}
  for (const name of names) {
    // An empty variable is an absent one: that is how compose files say "not set".
    const file = rowOf(name).secret ? environment[`${name}_FILE`] : undefined
    if (environment[name]) given[name] = environment[name]
    if (file && environment[name]) problems.push(`${name}: given twice; expected ${name} or ${name}_FILE, not both`)
    else if (file) {
      const content = contentOf(file)?.trim()
      if (content) given[name] = content
      else problems.push(`${name}_FILE: wrong; expected the path of a file that can be read and is not empty`)
    }
  }
  for (const [name, value] of Object.entries(environment)) if (name.startsWith('LIMIT_') && value) given[name] = value
  return given
}

function readFile(sources: ConfigSources, problems: string[]): Given {
  const chosen = sources.environment['CONFIG']
  // A wrong name is told of where CONFIG is checked as a setting.
  if (!chosen || settings.CONFIG.kind.parse(chosen) === undefined) return {}
  const file = `config/${chosen}.json`
  const rows = parseObject(contentOf(path.join(sources.folder ?? ownFolder, `${chosen}.json`)))
  if (!rows) problems.push(`CONFIG: wrong; expected ${file} to be there and to hold one JSON object`)
  const given: Record<string, string> = {}
  for (const [name, value] of Object.entries(rows ?? {})) {
    const row = name in settings ? rowOf(name as SettingName) : undefined
    if (name === 'CONFIG' || (!row && !name.startsWith('LIMIT_')))
      problems.push(`${file}: ${name} is not a setting for a file; expected one of docs/config.md`)
    else if (row?.secret)
      problems.push(`${file}: ${name} is a secret; expected it in the environment, or as ${name}_FILE`)
    else if (!['string', 'number', 'boolean'].includes(typeof value))
      problems.push(`${file}: ${name}: wrong; expected a text, a number or a truth value`)
    else given[name] = String(value)
  }
  return given
}

function readLimits(given: Given, rules: LimitRules | undefined, problems: string[]): Record<string, number> {
  const kind = wholeNumber(0, 1_000_000_000)
  const limits: Record<string, number> = {}
  for (const [name, text] of Object.entries(given)) {
    if (!name.startsWith('LIMIT_')) continue
    const limit = camel(name.slice('LIMIT_'.length))
    const value = kind.parse(text)
    if (rules && !(limit in rules.table))
      problems.push(`${name}: unknown; expected the name of a limit of docs/limits.md`)
    else if (value === undefined) problems.push(`${name}: wrong; expected ${kind.expected}`)
    else limits[limit] = value
  }
  const checked = rules?.check(limits)
  if (checked && 'problems' in checked) problems.push(...checked.problems)
  return limits
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function parseObject(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const camel = (name: string): string =>
  name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
