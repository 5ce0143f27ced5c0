import { Connection } from './connection.ts'

/** Closed loop: so many at once, each begins anew when it ends. */
export interface ClosedLoop {
  readonly port: number
  readonly inFlight: number
  /** Milliseconds before and while counting. */
  readonly warmUp: number
  readonly measured: number
}

/** Acts per second. */
export async function closedLoop(loop: ClosedLoop, act: (connection: Connection) => Promise<unknown>): Promise<number> {
  let done = 0
  let over = false
  const runners = Array.from({ length: loop.inFlight }, async () => {
    const connection = new Connection('127.0.0.1', loop.port)
    while (!over) {
      await act(connection)
      done++
    }
    connection.close()
  })
  const failed = Promise.all(runners)
  await Promise.race([sleep(loop.warmUp), failed])
  const [before, began] = [done, performance.now()]
  await Promise.race([sleep(loop.measured), failed])
  const rate = ((done - before) / (performance.now() - began)) * 1000
  over = true
  await failed
  return rate
}

export interface Latency {
  readonly p50: number
  readonly p99: number
}

/**
 * Open loop: acts begin at a fixed rate, however long the earlier ones take, as citizens do; milliseconds from when each
 * was due, so that waiting for a connection counts.
 */
export async function openLoop(
  loop: { readonly port: number; readonly perSecond: number; readonly acts: number },
  act: (connection: Connection) => Promise<unknown>,
): Promise<Latency> {
  const idle: Connection[] = []
  const times: number[] = []
  const began = performance.now()
  const running: Promise<void>[] = []
  for (let number = 0; number < loop.acts; number++) {
    const due = began + (number * 1000) / loop.perSecond
    await sleep(due - performance.now())
    const connection = idle.pop() ?? new Connection('127.0.0.1', loop.port)
    running.push(
      act(connection).then(() => {
        times.push(performance.now() - due)
        idle.push(connection)
      }),
    )
  }
  await Promise.all(running)
  for (const connection of idle) connection.close()
  times.sort((a, b) => a - b)
  const at = (share: number) =>
    Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))]! * 10) / 10
  return { p50: at(0.5), p99: at(0.99) }
}

export const sleep = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, milliseconds)))

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
