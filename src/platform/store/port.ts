/**
 * The ephemeral store: what may be lost at the price of logging in again (protocol transactions, logins, gateway
 * sessions, rate windows). Two drivers, `redis` and `postgres`, one contract (test/platform/store).
 *
 * A value is whatever JSON can hold. A deadline is an instant of `clock.now()` and decided by it: an entry past its
 * deadline does not exist, whether or not the driver has swept it yet.
 */
export interface EphemeralStore {
  readonly driver: 'redis' | 'postgres'
  get<T>(key: string): Promise<Entry<T> | undefined>
  /** Writes, whatever was there. `groups` are names under which entries can be dropped together. */
  set(key: string, value: unknown, expires: Date, groups?: readonly string[]): Promise<void>
  /** Writes only where nothing alive is. Answers whether it did. */
  add(key: string, value: unknown, expires: Date, groups?: readonly string[]): Promise<boolean>
  /** Compare-and-set: writes only if the entry still has this revision. Answers the new revision, or nothing when another was faster. */
  swap(key: string, revision: string, value: unknown, expires: Date): Promise<string | undefined>
  /** Reads and removes: of any number of takers at once exactly one gets the value. */
  take<T>(key: string): Promise<T | undefined>
  delete(key: string): Promise<void>
  /** Drops every entry of the group. */
  deleteGroup(group: string): Promise<void>
  /** The alive entries of a group (sessions of one citizen). */
  listGroup<T>(group: string): Promise<readonly (Entry<T> & { readonly key: string })[]>
  /** Adds one to a counter of a fixed window that starts at its first count; answers the count and when the window ends. */
  count(key: string, windowSeconds: number): Promise<{ readonly count: number; readonly ends: Date }>
  /** Throws when the store does not answer. */
  ping(): Promise<void>
  /** Removes what is past its deadline. */
  sweep(): Promise<void>
  /** Removes everything: what a flushed store looks like (tests, the sandbox's reset). */
  clear(): Promise<void>
  close(): Promise<void>
}

export interface Entry<T> {
  readonly value: T
  readonly revision: string
  readonly expires: Date
}
