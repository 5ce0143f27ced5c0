import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../platform/index.ts'

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

/** Reads the state; makes it at the first start. Throws UnusableDataDirectory. */
export function loadState(dataDir: string, random: Random): SandboxState {
  return attempt(dataDir, () => {
    mkdirSync(dataDir, { recursive: true })
    return readState(dataDir) ?? saveState(dataDir, newState(random))
  })
}

/** Written aside and renamed, so that a crash leaves the old or the new state, never half of one. */
export function saveState(dataDir: string, state: SandboxState): SandboxState {
  const file = fileIn(dataDir)
  writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 })
  renameSync(`${file}.new`, file)
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
    return JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as SandboxState
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const newState = (random: Random): SandboxState => ({
  masterKey: random.bytes(32).toString('base64'),
  pairwiseSecret: random.token(),
  clockOffset: 0,
})
