import { postgresCivilRegister } from '../civil-register/index.ts'
import { openDb, systemClock, systemRandom, type Environment } from '../platform/index.ts'
import { citizenUsage, readCitizenCall, runCitizenCommand } from '../registration/index.ts'
import { settingsFor } from '../settings.ts'

/** Of the whole file; what is under way may be another import. */
const longest = 600_000

export async function citizen(argv: readonly string[], environment: Environment): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(citizenUsage)
    return 0
  }
  const called = readCitizenCall(argv)
  if (typeof called === 'string') {
    process.stderr.write(`${called}\n\n${citizenUsage}`)
    return 2
  }
  const { databaseUrl, deployment } = settingsFor('citizen', environment)
  const db = openDb({
    url: databaseUrl,
    size: 5,
    statementTimeout: longest,
    lockTimeout: longest,
    applicationName: `${deployment} citizen`,
  })
  try {
    const register = postgresCivilRegister({ db, clock: systemClock })
    return await runCitizenCommand({ db, clock: systemClock, random: systemRandom, register }, called, {
      out: (text) => void process.stdout.write(text),
      error: (text) => void process.stderr.write(text),
    })
  } finally {
    await db.close()
  }
}
