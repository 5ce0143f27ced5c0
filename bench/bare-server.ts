import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Verified {
  readonly hashed: string
  readonly password: string
}

/** oidc-provider alone, in a process of its own; `verifies`: what it does before each of its logins. */
export async function startBareProvider(
  verifies?: Verified,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const child = spawn(
    process.execPath,
    [`${import.meta.dirname}/bare-provider.ts`, ...(verifies ? [verifies.hashed, verifies.password] : [])],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH, NODE_ENV: 'production' },
    },
  )
  const lines = createInterface({ input: child.stdout })
  // Read to the end: a closed pipe would end the provider with its next word.
  const ready = await new Promise<string>((resolve) =>
    lines.on('line', (line) => line.startsWith('ready') && resolve(line)),
  )
  return {
    port: Number(ready.slice('ready '.length)),
    async close() {
      const gone = once(child, 'exit')
      if (child.exitCode === null && child.kill()) await gone
    },
  }
}
