import { auditUsage, readAuditCall, runAuditCommand } from '../audit/index.ts'
import { openDb, openEnvelope, openSigningKeys, systemClock, type Environment } from '../platform/index.ts'
import { settingsFor } from '../settings.ts'

export async function audit(argv: readonly string[], environment: Environment): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(auditUsage)
    return 0
  }
  const called = readAuditCall(argv)
  if (typeof called === 'string') {
    process.stderr.write(`${called}\n\n${auditUsage}`)
    return 2
  }
  const { databaseUrl, deployment, masterKeys } = settingsFor('audit', environment)
  // Of millions of rows a single statement may take minutes.
  const db = openDb({
    url: databaseUrl,
    size: 2,
    statementTimeout: 3_600_000,
    applicationName: `${deployment} audit`,
  })
  try {
    const keys = await openSigningKeys({ db, envelope: openEnvelope(masterKeys), clock: systemClock, algs: ['ES256'] })
    const ours = new Set(keys.ring().keys.map(({ kid }) => kid))
    return await runAuditCommand({ db, clock: systemClock, isOurs: (kid) => ours.has(kid) }, called, {
      out: (text) => void process.stdout.write(text),
      error: (text) => void process.stderr.write(text),
    })
  } finally {
    await db.close()
  }
}
