import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../platform/index.ts'
import { makeDirectory } from './make-directory.ts'

/** What a sandbox keeps beside its database: the keys it made for itself and how far its clock was moved. */
export interface SandboxState {
  readonly masterKey: string
  readonly pairwiseSecret: string
  /** Milliseconds that the movable hand is ahead of real time. */
  readonly clockOffset: number
}

/** A data directory that cannot be used; `message` says in one line what to do. */
export class UnusableDataDirectory extends Error {}

const fileIn = (dataDir: string) => join(dataDir, 'state.json')
const draftIn = (dataDir: string) => `${fileIn(dataDir)}.new`

/** Makes the directory where there is none, and sees that it can be written. Throws UnusableDataDirectory. */
export function openDataDirectory(dataDir: string): void {
  attempt(dataDir, () => {
    makeDirectory(dataDir)
    const draft = draftIn(dataDir)
    writeFileSync(draft, '', { mode: 0o600 })
    rmSync(draft)
  })
}

/** Reads the state; makes it at the first start. Throws UnusableDataDirectory. */
export function loadState(dataDir: string, random: Random): SandboxState {
  return attempt(dataDir, () => readState(dataDir) ?? saveState(dataDir, newState(random)))
}

/** Written aside and renamed, so that a crash leaves the old or the new state, never half of one. */
export function saveState(dataDir: string, state: SandboxState): SandboxState {
  const draft = draftIn(dataDir)
  writeFileSync(draft, JSON.stringify(state), { mode: 0o600 })
  renameSync(draft, fileIn(dataDir))
  return state
}

/** What a start afresh leaves behind. Throws UnusableDataDirectory. */
export function forgetState(dataDir: string): void {
  attempt(dataDir, () => rmSync(fileIn(dataDir), { force: true }))
}

function attempt<T>(dataDir: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'state.json is not readable' : (error as NodeJS.ErrnoException).code
    throw new UnusableDataDirectory(
      `The data directory ${dataDir} cannot be used (${reason}). Name another with --data, or start afresh with --fresh.`,
    )
  }
}

function readState(dataDir: string): SandboxState | undefined {
  try {
    const read: unknown = JSON.parse(readFileSync(fileIn(dataDir), 'utf8'))
    if (!isState(read)) throw new SyntaxError('no state of a sandbox')
    return read
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isState(read: unknown): read is SandboxState {
  const { masterKey, pairwiseSecret, clockOffset } = (read ?? {}) as Partial<Record<keyof SandboxState, unknown>>
  return typeof masterKey === 'string' && typeof pairwiseSecret === 'string' && typeof clockOffset === 'number'
}

const newState = (random: Random): SandboxState => ({
  masterKey: random.bytes(32).toString('base64'),
  pairwiseSecret: random.token(),
  clockOffset: 0,
})
