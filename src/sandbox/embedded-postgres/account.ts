import { execFileSync, spawnSync } from 'node:child_process'
import { EmbeddedPostgresFault } from './fault.ts'

/** The account that runs PostgreSQL, which refuses to run as root. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

const name = 'postgres'

/** `undefined` for an ordinary user: PostgreSQL then runs as ourselves. For root the account `postgres`, made where there is none. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const account = look() ?? (make(), look())
  if (!account)
    throw new EmbeddedPostgresFault(
      `PostgreSQL does not run as root, and no account "${name}" could be made: add one (useradd --system ${name}) or run as another user.`,
    )
  return account
}

/** Whether the account may go through this folder: asked of the system itself, so that every kind of access rule counts. */
export function canEnter(folder: string, account: Account): boolean {
  return spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], { ...account, cwd: '/' }).status === 0
}

function look(): Account | undefined {
  try {
    const ask = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }))
    return { uid: ask('-u'), gid: ask('-g') }
  } catch {
    return undefined
  }
}

function make(): void {
  const ways: readonly (readonly [string, ...string[]])[] = [
    ['useradd', '--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name],
    ['adduser', '-S', '-D', '-H', name],
  ]
  for (const [command, ...args] of ways) if (spawnSync(command, args, { stdio: 'ignore' }).status === 0) return
}
