import { availableParallelism } from 'node:os'
import { hash, hashSync, parseOptions, verify } from '@node-rs/argon2'
import type { Limits } from '../../lockout/index.ts'
import { systemTimers, type Random, type Timers } from '../../platform/index.ts'
import { refusal, type Refusal } from '../../refusal/index.ts'

/** argon2id, OWASP's first choice for it: 19 MiB, two passes, one lane. Memory in KiB. */
export const argon2Cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/**
 * Hashes passwords, never more of them at once than there are cores: each takes a core and 19 MiB for some 10 ms, and a
 * rush that was let in at once would starve everything else. Who cannot be served in time gets BUSY-01 (HTTP 503) soon
 * instead of a page that hangs.
 */
export interface HashQueue {
  verify(hashed: string, password: string): Promise<boolean | Refusal>
  hash(password: string): Promise<string | Refusal>
  /** How many run or wait now, for the metrics. */
  length(): number
}

export interface HashQueueParts {
  readonly random: Random
  /** How many may wait (the next is refused at once), and for how long. */
  readonly limits: Pick<Limits, 'hashQueueLength' | 'hashQueueDeadline'>
  /** Hashes at once; the cores unless told otherwise. */
  readonly slots?: number
  readonly timers?: Timers
  /** Sees each piece of work as it starts: for traces and metrics. */
  readonly observe?: (work: 'argon2.verify' | 'argon2.hash') => void
  readonly argon2?: { readonly verify: typeof verify; readonly hash: typeof hash }
}

export function makeHashQueue(parts: HashQueueParts): HashQueue {
  const argon2 = parts.argon2 ?? { verify, hash }
  const observe = parts.observe ?? (() => {})
  const { slots = availableParallelism(), timers = systemTimers, limits } = parts
  const { inSlot, length } = makeSlots(slots, limits, timers)
  return {
    verify: (hashed, password) =>
      inSlot(() => {
        observe('argon2.verify')
        return argon2.verify(hashed, password)
      }),
    hash: (password) =>
      inSlot(() => {
        observe('argon2.hash')
        return argon2.hash(password, { ...argon2Cost, salt: parts.random.bytes(16) })
      }),
    length,
  }
}

/** The hash of a password that nobody knows: verified where there is none, it costs as much. */
export const dummyHash = (random: Random): string => hashSync(random.token(), { ...argon2Cost, salt: random.bytes(16) })

/** Whether a hash was made with other parameters than today's, so that it is to be made again while the password is known. */
export function isOutdated(hashed: string): boolean {
  const { memoryCost, timeCost, parallelism } = parseOptions(hashed)
  return (
    memoryCost !== argon2Cost.memoryCost || timeCost !== argon2Cost.timeCost || parallelism !== argon2Cost.parallelism
  )
}

type InSlot = <T>(work: () => Promise<T>) => Promise<T | Refusal>

function makeSlots(slots: number, limits: HashQueueParts['limits'], timers: Timers) {
  let busy = 0
  const queue = new Set<() => void>()
  const enter = (): Promise<boolean> => {
    if (busy < slots) {
      busy += 1
      return Promise.resolve(true)
    }
    if (queue.size >= limits.hashQueueLength) return Promise.resolve(false)
    return new Promise((resolve) => {
      const go = () => {
        cancel()
        resolve(true)
      }
      const cancel = timers.after(limits.hashQueueDeadline, () => {
        queue.delete(go)
        resolve(false)
      })
      queue.add(go)
    })
  }
  const leave = () => {
    // The slot is handed over, not given back: who came later cannot slip in between.
    const next = queue.values().next().value
    if (next === undefined) {
      busy -= 1
      return
    }
    queue.delete(next)
    next()
  }
  const inSlot: InSlot = async (work) => {
    if (!(await enter())) return refusal('BUSY-01-try-again')
    try {
      return await work()
    } finally {
      leave()
    }
  }
  return { inSlot, length: () => busy + queue.size }
}
