import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { freePort } from '../../src/sandbox/embedded-postgres/postmaster.ts'

/** A real Redis that keeps nothing, on a free port of this machine only. */
export async function startRedis(
  path: string,
  folder: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const port = await freePort(0)
  const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--databases', '4096', '--dir', folder]
  // A session of its own: Ctrl-C at the terminal reaches only the runner, which stops it in its turn.
  const child = spawn(path, ['--port', String(port), ...settings], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const end = () => child.kill()
  process.once('exit', end)
  for await (const line of createInterface({ input: child.stdout }))
    if (line.includes('Ready to accept connections')) break
  child.stdout.resume()
  if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`)
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      process.off('exit', end)
      const gone = once(child, 'exit')
      child.kill()
      await gone
    },
  }
}
