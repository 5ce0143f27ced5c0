import { isIPv6 } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Clock, Digest, EphemeralStore } from '../platform/index.ts'
import type { Limits } from './limits.ts'

export interface SlowDownParts {
  readonly store: EphemeralStore
  readonly clock: Clock
  readonly digest: Digest
  readonly limits: Limits
  /** Waits so many milliseconds of real time; only a test hands in another. */
  readonly wait?: (ms: number) => Promise<unknown>
}

/**
 * Failures per address, per agency and over all, in windows of the ephemeral store. They refuse nobody (a whole office
 * may share one address): they only hold the tries that follow, the longer the more failures there are.
 */
export interface SlowDown {
  /** Before a try: resolves when it may go on, at once as long as no window is full. Asks nobody: no round trip. */
  check(address: string, agency?: string): Promise<void>
  /** Counts a failure in the three windows; without an agency in that of the address alone. */
  failed(address: string, agency?: string): Promise<void>
}

/**
 * What is full is known from the answers to the failures counted here: an instance that never saw a failure from an
 * address learns of the others' with its first, so each instance lets one try through unheld, and a login without
 * failures costs the store nothing.
 */
export function makeSlowDown({ store, clock, digest, limits, wait: waitFor = wait }: SlowDownParts): SlowDown {
  const full = new Map<string, { readonly delay: number; readonly ends: Date }>()
  const windowsOf = (address: string, agency: string | undefined) => [
    { key: `slow-down:address:${digest('slow-down', networkOf(address))}`, limit: limits.addressFailures },
    ...(agency === undefined
      ? []
      : [
          { key: `slow-down:agency:${agency}`, limit: limits.agencyFailures },
          { key: 'slow-down:all', limit: limits.overallFailures },
        ]),
  ]
  return {
    async check(address, agency) {
      if (full.size === 0) return
      const now = clock.now()
      for (const [key, { ends }] of full) if (ends <= now) full.delete(key)
      const delay = Math.max(...windowsOf(address, agency).map(({ key }) => full.get(key)?.delay ?? 0))
      if (delay > 0) await waitFor(delay)
    },
    async failed(address, agency) {
      const counting = windowsOf(address, agency).map(async ({ key, limit }) => {
        const { count, ends } = await store.count(key, limits.slowWindow)
        if (count > limit)
          full.set(key, { delay: Math.min((count - limit) * limits.slowStep, limits.slowLongest), ends })
      })
      await Promise.all(counting)
    },
  }
}

/** The address, or the first 64 bits of an IPv6 one: that much one subscriber has to choose from. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (mapped !== undefined) return mapped
  const [head = '', tail = ''] = address.replace(/%.*$/, '').toLowerCase().split('::')
  const groups = (text: string) => text.split(':').filter((group) => group !== '')
  const missing = 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array.from({ length: Math.max(missing, 0) }, () => '0'), ...groups(tail)]
  return (
    all
      .slice(0, 4)
      .map((group) => parseInt(group, 16).toString(16))
      .join(':') + '::/64'
  )
}
