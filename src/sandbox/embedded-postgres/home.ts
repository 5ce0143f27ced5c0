import { createHash } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeDirectory } from '../make-directory.ts'
import { canEnter, type Account } from './account.ts'
import { EmbeddedPostgresFault, reason } from './fault.ts'

/** Where one embedded server lives. */
export interface Home {
  /** The folder that was asked for. */
  readonly wanted: string
  /** All of the server's files. */
  readonly folder: string
  /** PGDATA. */
  readonly cluster: string
  readonly log: string
}

/** What is kept between two starts, in the wanted folder, readable by us only. */
export interface Memory {
  /** Points to the server's files, which may lie elsewhere. */
  readonly folder: string
  readonly port: number
  readonly password: string
  /** The process that started the server last. */
  readonly starter: number
}

/** Where root keeps what another account has to read, when the wanted folder is closed to it. */
export const openPlace = '/var/lib/clave-embedded-postgres'

const memoryFile = 'postgres.json'

/**
 * Finds, or chooses, the server's folder: `<wanted>/postgres`, or one keyed by the wanted path in a place open to the
 * account where the account cannot enter the wanted one (below a root's home of mode 700).
 */
export function findHome(dataDir: string, account: Account | undefined): Home {
  const wanted = makeWanted(dataDir)
  const near = !account || canEnter(wanted, account)
  const key = createHash('sha256').update(wanted).digest('hex').slice(0, 20)
  const folder = near ? join(wanted, 'postgres') : join(openPlace, key)
  return { wanted, folder, cluster: join(folder, 'cluster'), log: join(folder, 'server.log') }
}

/** Answers nothing where no server was ever made, where making it broke off, or where the note points to another path's server. */
export function remembered(home: Home): Memory | undefined {
  const file = join(home.wanted, memoryFile)
  if (!existsSync(file)) return undefined
  try {
    const memory = JSON.parse(readFileSync(file, 'utf8')) as Memory
    return memory.folder === home.folder && existsSync(home.cluster) ? memory : undefined
  } catch (error) {
    throw new EmbeddedPostgresFault(
      `The data directory ${home.wanted} cannot be read (${reason(error)}): start with --fresh or choose another with --data.`,
    )
  }
}

export function remember(home: Home, memory: Memory): void {
  attempt(home.wanted, () => writeFileSync(join(home.wanted, memoryFile), JSON.stringify(memory), { mode: 0o600 }))
}

/** An empty folder that belongs to the server's account. */
export function makeFolder(home: Home, account: Account | undefined): void {
  attempt(home.wanted, () => {
    clear(home)
    mkdirSync(home.folder, { recursive: true, mode: 0o755 })
    chmodSync(home.folder, 0o700)
    if (account) chownSync(home.folder, account.uid, account.gid)
  })
}

export function clear(home: Home): void {
  attempt(home.wanted, () => {
    rmSync(join(home.wanted, memoryFile), { force: true })
    rmSync(home.folder, { recursive: true, force: true })
  })
}

function makeWanted(dataDir: string): string {
  const path = resolve(dataDir)
  return attempt(path, () => {
    makeDirectory(path)
    return realpathSync(path)
  })
}

function attempt<T>(wanted: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new EmbeddedPostgresFault(
      `The data directory ${wanted} cannot be written (${reason(error)}): make it writable or choose another with --data.`,
    )
  }
}
