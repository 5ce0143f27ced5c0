import { open } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { importRecords, type ImportParts, type Imported } from './import-records.ts'
import { mostOctets, mostRecords, type LineFault } from './read-file.ts'
import { columns } from './read-record.ts'

export const citizenUsage = `clave citizen import FILE [--check]

import   Imports records of PIN 24 horas from a CSV file: all of it, or nothing where a single line is refused. Each line
         that is refused is told by its number, the field and what was expected, never by what stood there.
         --check tells the same and imports nothing. Exit code 0: done; 1: refused, nothing imported; 2: called wrongly.
         FILE is in UTF-8, separated by commas or semicolons, with a header that names the columns, in any order:
         ${columns.join(', ')}.
         At most ${mostRecords} records and 4 MiB; more come in several files. See docs/runbooks/import-pin24h.md.
`

export interface CitizenCommandOutput {
  out(text: string): void
  error(text: string): void
}

export interface ImportCall {
  readonly file: string
  readonly onlyCheck: boolean
}

/** The arguments after `citizen`; what is wrong with them, as a sentence. */
export function readCitizenCall(args: readonly string[]): ImportCall | string {
  try {
    const options = { check: { type: 'boolean' } } as const
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const [act, file] = positionals
    if (!/^import$/.test(act ?? '')) return 'Say what to do: import FILE.'
    if (file === undefined || positionals.length > 2) return 'Name one file.'
    return { file, onlyCheck: values.check === true }
  } catch (wrong) {
    return (wrong as Error).message
  }
}

/** Answers the exit code. */
export async function runCitizenCommand(
  parts: ImportParts,
  { file, onlyCheck }: ImportCall,
  { out, error }: CitizenCommandOutput,
): Promise<number> {
  const content = await contentOf(file)
  if (content === undefined) {
    error('The file cannot be read: is it there, and a file?\n')
    return 2
  }
  const imported = await importRecords(parts, content, { onlyCheck })
  if (isDone(imported)) {
    out(
      imported.id === undefined
        ? `${said(imported)} can be imported.\n`
        : `${said(imported)} imported: ${imported.id}\n`,
    )
    return 0
  }
  if (imported === 'silent') error('The civil register does not answer. Nothing was imported; try again later.\n')
  else error(report(imported.refused))
  return 1
}

const isDone = (imported: Imported): imported is Extract<Imported, { records: number }> =>
  imported !== 'silent' && 'records' in imported

const said = ({ records }: { readonly records: number }): string => (records === 1 ? '1 record' : `${records} records`)

function report(faults: readonly LineFault[]): string {
  const lines = faults.map(
    ({ line, field, expected }) => `line ${line}: ${field === undefined ? '' : `${field}: `}expected ${expected}`,
  )
  const count = new Set(faults.map(({ line }) => line)).size
  return `${lines.join('\n')}\n${count === 1 ? '1 line' : `${count} lines`} refused; nothing was imported.\n`
}

/** No more of it than decides that it is too long. */
async function contentOf(file: string): Promise<Buffer | undefined> {
  const handle = await open(file).catch(() => undefined)
  if (!handle) return undefined
  try {
    const pieces: Buffer[] = []
    for await (const piece of handle.createReadStream({ end: mostOctets, autoClose: false }))
      pieces.push(piece as Buffer)
    return Buffer.concat(pieces)
  } catch {
    // A directory.
    return undefined
  } finally {
    await handle.close()
  }
}
