import { copyDatabase, dropDatabase, openDb, systemRandom, type Db } from '../../src/platform/index.ts'
import { fromRunner, type RunnerVariable } from './runner.ts'

/** What of a tap test these need. */
export interface Teardown {
  teardown(work: () => unknown): unknown
}

export interface TestDatabaseUrls {
  /** As the application role: rows only. */
  readonly url: string
  /** As the owner of the database. */
  readonly ownerUrl: string
}

export interface TestDatabase extends TestDatabaseUrls {
  /** As the application role. */
  readonly db: Db
}

/** A fresh migrated database of the test's own, dropped when the test ends. */
export async function testDatabase(t: Teardown): Promise<TestDatabase> {
  const template = new URL(fromRunner('CLAVE_TEST_URL')).pathname.slice(1)
  const urls = await copyOf(t, template)
  const db = openDb({ url: urls.url, size: 10, applicationName: 'clave-test' })
  t.teardown(() => db.close())
  return { db, ...urls }
}

/** A database where no migration ran yet. */
export function emptyDatabase(t: Teardown): Promise<TestDatabaseUrls> {
  return copyOf(t, 'template0')
}

async function copyOf(t: Teardown, template: string): Promise<TestDatabaseUrls> {
  const adminUrl = fromRunner('CLAVE_TEST_ADMIN_URL')
  const name = `test_${systemRandom.bytes(6).toString('hex')}`
  await copyDatabase(adminUrl, template, name)
  // tap tears down what came last first: the pool is closed before.
  t.teardown(() => dropDatabase(adminUrl, name))
  const named = (variable: RunnerVariable) => {
    const url = new URL(fromRunner(variable))
    url.pathname = `/${name}`
    return url.href
  }
  return { url: named('CLAVE_TEST_URL'), ownerUrl: named('CLAVE_TEST_OWNER_URL') }
}
