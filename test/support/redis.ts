import { Redis } from 'ioredis'
import type { Teardown } from './database.ts'
import { fromRunner } from './runner.ts'

/**
 * The URL of an empty Redis database of the test's own, emptied again when the test ends. Only inside a test with
 * `{ skip: need('redis-server') }`.
 */
export async function testRedis(t: Teardown): Promise<string> {
  const server = fromRunner('CLAVE_TEST_REDIS_URL')
  // Database 0 counts which ones were handed out, over all test files that run at the same time.
  const counter = new Redis(server)
  const number = await counter.incr('tests')
  await counter.quit()
  const url = `${server}/${number}`
  t.teardown(async () => {
    const own = new Redis(url)
    await own.flushdb()
    await own.quit()
  })
  return url
}
