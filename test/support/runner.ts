/** What test/run.ts tells the test files through the environment. */
export type RunnerVariable =
  'CLAVE_TEST_ADMIN_URL' | 'CLAVE_TEST_URL' | 'CLAVE_TEST_OWNER_URL' | 'CLAVE_TEST_REDIS_URL' | 'CLAVE_TEST_MISSING'

export function fromRunner(variable: RunnerVariable): string {
  const value = process.env[variable]
  if (value === undefined) throw new Error(`${variable} is not set: run this file with node test/run.ts <file>`)
  return value
}
