import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Account } from './account.ts'
import { EmbeddedPostgresFault, reason } from './fault.ts'
import type { Home, Memory } from './home.ts'

/** Smart shutdown: PostgreSQL waits until its clients have said goodbye. */
const smart = 'SIGTERM'
/** Fast shutdown: PostgreSQL rolls back what is open and writes a checkpoint. */
const fast = 'SIGINT'
/** Immediate shutdown: it recovers at the next start. */
const immediate = 'SIGQUIT'

/**
 * Starts the server and waits until it takes connections. Answers nothing when it ended by itself first (the log says why).
 *
 * It gets a session of its own: Ctrl-C at the terminal reaches only us, and we decide when the server stops.
 */
export async function start(
  postgres: string,
  settings: readonly string[],
  home: Home,
  account: Account | undefined,
): Promise<ChildProcess | undefined> {
  const log = openSync(home.log, 'w', 0o600)
  const child = spawn(postgres, ['-D', home.cluster, ...settings], {
    ...account,
    cwd: '/',
    env: { LC_ALL: 'C' },
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  let ended = false
  child.once('error', () => (ended = true)).once('exit', () => (ended = true))
  while (!ended && !ready(home)) await pause(10)
  if (ended) return undefined
  child.unref()
  return child
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.ref()
  const gone = new Promise((resolve) => child.once('exit', resolve))
  // A pool that was closed just now may still be saying goodbye: its connections would be told of the end as of a fault.
  child.kill(smart)
  const patience = setTimeout(() => child.kill(fast), 500)
  const slow = setTimeout(() => child.kill(immediate), 8_000)
  await gone
  clearTimeout(patience)
  clearTimeout(slow)
}

/**
 * A server that outlived its starter (kill -9) is stopped, and the note of a dead one removed: its process number may
 * belong to somebody else by now, for whom PostgreSQL would wait. A server whose starter lives is left alone.
 */
export async function stopOrphan(home: Home, memory: Memory | undefined): Promise<void> {
  const note = join(home.cluster, 'postmaster.pid')
  if (!existsSync(note)) return
  const pid = Number.parseInt(readFileSync(note, 'utf8'), 10)
  const running = pid > 0 ? look(pid) : undefined
  if (!running?.command.includes(home.cluster)) return rmSync(note, { force: true })
  if (running.parent === memory?.starter)
    throw new EmbeddedPostgresFault(
      `The data directory ${home.wanted} is in use by process ${running.parent}: stop that one or choose another with --data.`,
    )
  for (const signal of [fast, immediate] as const) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      throw new EmbeddedPostgresFault(
        `A server left over in ${home.wanted} (process ${pid}) cannot be stopped (${reason(error)}): stop it by hand.`,
      )
    }
    for (let tries = 0; tries < 250; tries++) {
      if (!look(pid)) return
      await pause(20)
    }
  }
  throw new EmbeddedPostgresFault(
    `A server left over in ${home.wanted} (process ${pid}) does not stop: stop it by hand.`,
  )
}

/** The wished port if nobody listens there, else one that the system chooses. */
export function freePort(wished: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => (wished === 0 ? reject(error) : resolve(freePort(0))))
    server.listen(wished, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

/** PostgreSQL writes its state on the last line of postmaster.pid. */
function ready(home: Home): boolean {
  try {
    return readFileSync(join(home.cluster, 'postmaster.pid'), 'utf8').trimEnd().endsWith('ready')
  } catch {
    return false
  }
}

interface Running {
  readonly parent: number
  readonly command: string
}

/** A process by its number; a zombie does not count. /proc where there is one (slim images have no `ps`), else `ps`. */
function look(pid: number): Running | undefined {
  try {
    if (process.platform === 'linux') {
      // After the command's name, in parentheses that it may itself contain: state, parent …
      const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
      if (state === 'Z') return undefined
      return { parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') }
    }
    const line = execFileSync('ps', ['-ww', '-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    return { parent: Number.parseInt(line, 10), command: line }
  } catch {
    return undefined
  }
}
