import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { documentAudit } from '../audit/index.ts'
import { documentLimits } from '../lockout/index.ts'
import { documentConfig, documentLog } from '../platform/index.ts'
import { documentRefusals } from '../refusal/index.ts'

/** Every document that comes from code. */
export const generated: Readonly<Record<string, () => string>> = {
  'audit.md': documentAudit,
  'config.md': documentConfig,
  'errors.md': documentRefusals,
  'limits.md': documentLimits,
  'log.md': documentLog,
}

const folder = path.join(import.meta.dirname, '../../docs')

/** Writes the documents; with `--check` writes nothing and fails for each that is not what the code would write. */
export async function docs(argv: readonly string[]): Promise<number> {
  if (!argv.includes('--check')) {
    await mkdir(folder, { recursive: true })
    for (const [name, text] of Object.entries(generated)) await writeFile(path.join(folder, name), text())
    return 0
  }
  const stale = await staleDocuments()
  for (const name of stale) process.stderr.write(`docs/${name} is stale: npm run docs\n`)
  return stale.length === 0 ? 0 : 1
}

export async function staleDocuments(): Promise<readonly string[]> {
  const stale: string[] = []
  for (const [name, text] of Object.entries(generated)) {
    const written = await readFile(path.join(folder, name), 'utf8').catch(() => '')
    if (written !== text()) stale.push(name)
  }
  return stale
}
