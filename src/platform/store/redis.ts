import type { Socket } from 'node:net'
import { Redis } from 'ioredis'
import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import { gatherWrites } from './gather-writes.ts'
import type { Entry, EphemeralStore } from './port.ts'
import { scripts } from './redis-scripts.ts'
import { StoreUnreachable } from './unreachable.ts'

export interface RedisStoreParts {
  readonly url: string
  readonly clock: Clock
  readonly random: Random
  /** In front of every key, where several services share one Redis. */
  readonly prefix?: string
  /** Told when the connection is lost; it is made anew by itself. */
  readonly onConnectionLost?: (error: Error) => void
}

type Scripted = Redis & {
  [Name in keyof typeof scripts]: (keys: number, ...args: (string | number)[]) => Promise<unknown>
}

/**
 * Milliseconds after the deadline when Redis forgets by itself: more than the clocks of the instances can differ. Not more
 * than that, since what is over takes room, and whoever asks for many logins decides how much (ADR 0003).
 */
const grace = 10 * 60 * 1000

/**
 * The ephemeral store in Redis (6 or later, one server or a replicated one; not a cluster). Each call is one round trip.
 * Throws {@link StoreUnreachable} when Redis does not answer at the start.
 */
export async function redisStore(parts: RedisStoreParts): Promise<EphemeralStore> {
  const { clock, random, prefix = 'clave:' } = parts
  const redis = await connect(parts)
  const entryKey = (key: string) => `${prefix}e:${key}`
  const groupKey = (group: string) => `${prefix}g:${group}`
  const head = (revision: string, expires: Date) => `${revision}\n${expires.getTime()}\n`
  const ttl = (expires: Date) => Math.max(1, expires.getTime() - clock.now().getTime() + grace)
  const raw = (value: unknown, expires: Date, groups: readonly string[]) =>
    `${head(random.token(9), expires)}${JSON.stringify(groups)}\n${JSON.stringify(value)}`
  const keys = (key: string, groups: readonly string[]) => [entryKey(key), ...groups.map(groupKey)]
  const alive = <T>(text: string | null): (Entry<T> & { groups: string[] }) | undefined => {
    const found = text === null ? undefined : parse<T>(text)
    return found && found.expires > clock.now() ? found : undefined
  }
  return {
    driver: 'redis',
    async get<T>(key: string) {
      const found = alive<T>(await asked(redis.get(entryKey(key))))
      return found && { value: found.value, revision: found.revision, expires: found.expires }
    },
    async set(key, value, expires, groups = []) {
      const text = raw(value, expires, groups)
      if (groups.length === 0) await asked(redis.set(entryKey(key), text, 'PX', ttl(expires)))
      else await asked(redis.claveSet(groups.length + 1, ...keys(key, groups), text, ttl(expires)))
    },
    async add(key, value, expires, groups = []) {
      const text = raw(value, expires, groups)
      const now = clock.now().getTime()
      return (await asked(redis.claveAdd(groups.length + 1, ...keys(key, groups), text, ttl(expires), now))) === 1
    },
    async swap(key, revision, value, expires) {
      const next = random.token(9)
      const now = clock.now().getTime()
      const args = [revision, now, head(next, expires), JSON.stringify(value), ttl(expires), groupKey('')]
      return (await asked(redis.claveSwap(1, entryKey(key), ...args))) === 1 ? next : undefined
    },
    async take<T>(key: string) {
      return alive<T>(await asked(redis.getdel(entryKey(key))))?.value
    },
    async delete(key) {
      await asked(redis.del(entryKey(key)))
    },
    async deleteGroup(group) {
      await asked(redis.claveDeleteGroup(1, groupKey(group), group))
    },
    async listGroup<T>(group: string) {
      const found = (await asked(redis.claveListGroup(1, groupKey(group)))) as string[]
      const pairs = Array.from(
        { length: found.length / 2 },
        (_, i) => [found[2 * i] ?? '', found[2 * i + 1] ?? ''] as const,
      )
      return pairs.flatMap(([key, text]) => {
        const entry = alive<T>(text)
        if (!entry?.groups.includes(group)) return []
        const { value, revision, expires } = entry
        return [{ key: key.slice(entryKey('').length), value, revision, expires }]
      })
    },
    async count(key, windowSeconds) {
      const [now, ends] = [clock.now().getTime(), clock.in(windowSeconds).getTime()]
      const answer = await asked(redis.claveCount(1, `${prefix}w:${key}`, now, ends, windowSeconds * 1000 + grace))
      const [count, end] = answer as [number, string]
      return { count, ends: new Date(Number(end)) }
    },
    async ping() {
      // Written and read, not only pinged: a Redis that is full or read-only cannot serve a login.
      const key = `${prefix}ping`
      await asked(redis.set(key, '1', 'PX', 60_000))
      if ((await asked(redis.get(key))) === null) throw new StoreUnreachable('redis', 'it forgot what was just written')
    },
    // Redis forgets by itself.
    sweep: async () => {},
    async clear() {
      const pattern = `${prefix.replaceAll(/[*?[\]\\]/g, '\\$&')}*`
      let cursor = '0'
      do {
        const [next, found] = await asked(redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000))
        if (found.length > 0) await asked(redis.unlink(found))
        cursor = next
      } while (cursor !== '0')
    },
    async close() {
      await redis.quit().catch(() => redis.disconnect())
    },
  }
}

async function connect({ url, onConnectionLost }: RedisStoreParts): Promise<Scripted> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2_000,
    // One timer for whatever is under way; `commandTimeout` would be one for each command.
    socketTimeout: 2_000,
    // Commands are pipelined without auto-pipelining, which costs more time than it saves at a few commands a turn.
    // A command whose fate is unknown is not sent again, and none waits for a connection: the caller is told at once.
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(50 * times, 1_000),
    connectionName: 'clave',
  }) as Scripted
  for (const [name, lua] of Object.entries(scripts)) redis.defineCommand(name, { lua })
  let last = new Error('closed by the server')
  // Without a listener a lost connection would end the process.
  redis.on('error', (error) => (last = error))
  redis.on('reconnecting', () => onConnectionLost?.(last))
  redis.on('connect', () => gatherWrites((redis as unknown as { readonly stream: Socket }).stream))
  try {
    await redis.connect()
  } catch (error) {
    redis.disconnect()
    throw new StoreUnreachable('redis', error)
  }
  return redis
}

function parse<T>(text: string): Entry<T> & { groups: string[] } {
  const first = text.indexOf('\n')
  const second = text.indexOf('\n', first + 1)
  const third = text.indexOf('\n', second + 1)
  return {
    revision: text.slice(0, first),
    expires: new Date(Number(text.slice(first + 1, second))),
    groups: JSON.parse(text.slice(second + 1, third)) as string[],
    value: JSON.parse(text.slice(third + 1)) as T,
  }
}

/**
 * What Redis itself refuses (a ReplyError) is a bug of ours, unless it has no room (OOM), may not write (READONLY,
 * MISCONF) or is starting (LOADING); everything else is a lost or silent connection.
 */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    const { name, message } = error as Error
    const ours = name === 'ReplyError' && !/^(OOM|READONLY|MISCONF|LOADING) /.test(message)
    throw ours ? error : new StoreUnreachable('redis', error)
  }
}
