#!/usr/bin/env node
/** The command line: finds the command, reads its options, and says in one line what was wrong with them. */
import { parseArgs } from 'node:util'
import { commands, helpFor, helpForAll, isCommand, type CommandRow } from './commands/table.ts'

const leastNode = 24
process.exitCode = await main(process.argv.slice(2))

async function main([name, ...argv]: readonly string[]): Promise<number | undefined> {
  const [major = '0'] = process.versions.node.split('.')
  if (Number(major) < leastNode)
    return refuse(
      1,
      `Cl@ve needs Node ${leastNode} or later; this is ${process.versions.node}. "npm run" brings its own.`,
    )
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return say(helpForAll())
  if (!isCommand(name)) return refuse(2, `There is no command "${name}". See: clave --help`)
  const row: CommandRow = commands[name]
  if (!row.ownWords && (argv.includes('--help') || argv.includes('-h'))) return say(helpFor(name))
  const set = row.ownWords ? {} : settingsIn(row, argv)
  if (typeof set === 'string') return refuse(2, `clave ${name}: ${set} See: clave ${name} --help`)
  return carryOut(name, row, argv, set)
}

type Settings = Readonly<Record<string, string>>

/** The settings that the options stand for; or what is wrong with the arguments, as a sentence. */
function settingsIn(row: CommandRow, argv: readonly string[]): Settings | string {
  const options = Object.fromEntries(Object.entries(row.options).map(([option, { type }]) => [option, { type }]))
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
    const unknown = positionals.find((word) => !row.words?.includes(word))
    if (unknown !== undefined) return `"${unknown}" is not understood.`
    return Object.fromEntries(
      Object.entries(row.options).flatMap(([option, { sets }]) => {
        const value = values[option]
        return sets !== undefined && typeof value === 'string' ? [[sets, value] as const] : []
      }),
    )
  } catch (wrong) {
    const [sentence = ''] = (wrong as Error).message.split('. ')
    return `${sentence.replace(/\.$/, '')}.`
  }
}

async function carryOut(
  name: string,
  row: CommandRow,
  argv: readonly string[],
  set: Settings,
): Promise<number | undefined> {
  // Only now: what the rooms import may not even be read by an older Node.
  const { ConfigError, environment } = await import('./platform/index.ts')
  try {
    const run = await row.load()
    return (await run(argv, { ...environment, ...set })) ?? undefined
  } catch (thrown) {
    const refused = refuse(
      1,
      ...(thrown instanceof ConfigError ? thrown.problems : [`clave ${name}: ${reasonOf(thrown)}`]),
    )
    // What a half-way start has opened would keep the process alive.
    process.exit(refused)
  }
}

/** Why a command could not begin or go on, for the person who started it. */
function reasonOf(thrown: unknown): string {
  const { code, address, port, stack } = thrown as NodeJS.ErrnoException & Readonly<Record<'address' | 'port', unknown>>
  const place = `${String(address)} port ${String(port)}`
  if (code === 'EADDRINUSE') return `${place} is taken; choose another (docs/config.md).`
  if (code === 'ECONNREFUSED') return `nobody answers at ${place} (PostgreSQL or Redis).`
  return stack ?? String(thrown)
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}

function refuse(exitCode: number, ...lines: readonly string[]): number {
  process.stderr.write(`${lines.join('\n')}\n`)
  return exitCode
}
