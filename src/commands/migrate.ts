import { migrate, type Environment } from '../platform/index.ts'
import { settingsFor } from '../settings.ts'

export async function migrateCommand(_argv: readonly string[], environment: Environment): Promise<void> {
  const { migrateDatabaseUrl, applicationRole } = settingsFor('migrate', environment)
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const ran = await migrate({ ownerUrl: migrateDatabaseUrl, applicationRole, log: say })
  if (ran.length === 0) say('The database is up to date.')
}
