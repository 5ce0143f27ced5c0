import { openDb, systemClock, systemRandom, type Environment } from '../platform/index.ts'
import { makeRelyingParties, relyingPartyUsage, rowLease, runRelyingPartyCommand } from '../relying-party/index.ts'
import { settingsFor } from '../settings.ts'

export async function rp(argv: readonly string[], environment: Environment): Promise<number> {
  const [act] = argv
  if (act === undefined || act === '--help' || act === '-h') {
    process.stdout.write(relyingPartyUsage)
    return act === undefined ? 2 : 0
  }
  const { databaseUrl, deployment } = settingsFor('rp', environment)
  const db = openDb({ url: databaseUrl, size: 2, applicationName: `${deployment} rp` })
  try {
    const parts = { db, clock: systemClock, random: systemRandom, allowHttp: false, lease: rowLease }
    const relyingParties = makeRelyingParties(parts)
    return await runRelyingPartyCommand(relyingParties, argv, {
      out: (text) => void process.stdout.write(text),
      error: (text) => void process.stderr.write(text),
    })
  } finally {
    await db.close()
  }
}
