import type { Environment } from '../platform/index.ts'

/** Answers the exit code; nothing where the process goes on until it is stopped. */
export type Run = (argv: readonly string[], environment: Environment) => Promise<number | void>

export interface OptionRow {
  readonly type: 'string' | 'boolean'
  /** The setting (docs/config.md) that the option stands for. */
  readonly sets?: string
  /** How the help writes the value. */
  readonly value?: string
  readonly what: string
}

export interface CommandRow {
  /** One line for the list of commands. */
  readonly summary: string
  /** What else there is to know, for the command's own help. */
  readonly details: string
  readonly usage: string
  readonly options: Readonly<Record<string, OptionRow>>
  /** Words that may follow the command. */
  readonly words?: readonly string[]
  /** The command reads its arguments by itself. */
  readonly ownWords?: true
  readonly load: () => Promise<Run>
}

/** Every command there is: what it takes, what its help says, and the one module that carries it out. */
export const commands = {
  sandbox: {
    summary: 'Start everything on this machine, with invented citizens, to try and to test',
    details:
      'Starts its own PostgreSQL, the service and the demo agencies, and prints where everything is.\nStarting again goes on with the data; --fresh begins anew. Ctrl+C stops it.',
    usage: 'clave sandbox [options]',
    options: {
      port: { type: 'string', sets: 'PORT', value: '8080', what: 'Port of the service' },
      'agencies-port': { type: 'string', sets: 'AGENCIES_PORT', value: '8090', what: 'Port of the demo agencies' },
      'certificate-port': {
        type: 'string',
        sets: 'CERTIFICATE_PORT',
        value: '8443',
        what: 'Port of the certificate host',
      },
      data: { type: 'string', sets: 'SANDBOX_DATA', value: '.sandbox', what: 'Directory of the data' },
      fresh: { type: 'boolean', what: 'Delete the data first' },
      'database-url': {
        type: 'string',
        sets: 'DATABASE_URL',
        value: 'URL',
        what: 'Use this PostgreSQL instead of its own',
      },
      'redis-url': { type: 'string', sets: 'REDIS_URL', value: 'URL', what: 'Keep what is under way in this Redis' },
    },
    load: async () => (await import('../sandbox/command.ts')).sandboxCommand,
  },
  serve: {
    summary: 'Run the server for citizens and agencies',
    details:
      'Takes its settings from the environment and config/ (docs/config.md). SIGTERM stops it within 10 seconds.',
    usage: 'clave serve [options]',
    options: {
      port: { type: 'string', sets: 'PORT', value: '8080', what: 'Port to listen on' },
      host: { type: 'string', sets: 'HOST', value: '127.0.0.1', what: 'Address to listen on' },
    },
    load: async () => (await import('./serve.ts')).serve,
  },
  worker: {
    summary: 'Run the worker, which sends messages and tidies up',
    details: 'At least one must run beside the server. Its port answers health and metrics only.',
    usage: 'clave worker [options]',
    options: { port: { type: 'string', sets: 'WORKER_PORT', value: '8081', what: 'Port of health and metrics' } },
    load: async () => (await import('./worker.ts')).worker,
  },
  migrate: {
    summary: 'Bring the database up to date',
    details:
      'Connects as the owner (MIGRATE_DATABASE_URL). Several may run at once; a database that is up to date stays as it is.',
    usage: 'clave migrate',
    options: {},
    load: async () => (await import('./migrate.ts')).migrateCommand,
  },
  rp: {
    summary: 'List, register and change relying parties (agencies)',
    details: '',
    usage: '',
    options: {},
    ownWords: true,
    load: async () => (await import('./rp.ts')).rp,
  },
  citizen: {
    summary: 'Import the records of PIN 24 horas',
    details: '',
    usage: '',
    options: {},
    ownWords: true,
    load: async () => (await import('./citizen.ts')).citizen,
  },
  keys: {
    summary: 'List and rotate the signing keys',
    details:
      'list: each key with its algorithm and state.\nrotate: the next key signs from now on, the current one goes on verifying for a day, and a\nnew next key is published. See docs/runbooks/rotate-keys.md.',
    usage: 'clave keys list\n       clave keys rotate [ES256|RS256|RS512]',
    options: {},
    words: ['list', 'rotate', 'ES256', 'RS256', 'RS512'],
    load: async () => (await import('./keys.ts')).keys,
  },
  audit: {
    summary: 'Verify the sealed chain of what was done',
    details: '',
    usage: '',
    options: {},
    ownWords: true,
    load: async () => (await import('./audit.ts')).audit,
  },
  docs: {
    summary: 'Write the documents that are generated from the code',
    details: 'audit.md, config.md, errors.md, limits.md and log.md in docs/.',
    usage: 'clave docs [--check]',
    options: { check: { type: 'boolean', what: 'Write nothing; fail when a document is stale' } },
    load: async () => (await import('./docs.ts')).docs,
  },
} as const satisfies Readonly<Record<string, CommandRow>>

export const isCommand = (name: string): name is keyof typeof commands => Object.hasOwn(commands, name)

export function helpForAll(): string {
  const rows = Object.entries<CommandRow>(commands).map(([name, { summary }]) => [name, summary] as const)
  return `Cl@ve: one login for every public agency.

Usage: clave <command> [options]

Commands:
${columns(rows)}
"clave <command> --help" tells what a command takes. Settings: docs/config.md.
`
}

export function helpFor(name: keyof typeof commands): string {
  const row: CommandRow = commands[name]
  const options = Object.entries(row.options).map(([option, { value, what, sets }]) => {
    return [
      `--${option}${value === undefined ? '' : ` ${value}`}`,
      sets === undefined ? what : `${what} (${sets})`,
    ] as const
  })
  const list = options.length > 0 ? `\nOptions:\n${columns(options)}` : ''
  return `${row.summary}.\n\nUsage: ${row.usage}\n\n${row.details}\n${list}`
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}
