import { settingsFor } from '../settings.ts'
import { NotOpened, StoreUnreachable, type DatabaseUrls, type Environment } from '../platform/index.ts'
import { EmbeddedPostgresFault } from './embedded-postgres.ts'
import { ForeignDatabase } from './foreign-database.ts'
import { startSandbox, type Sandbox } from './sandbox.ts'
import { UnusableDataDirectory } from './state.ts'

/** `clave sandbox`: runs until SIGINT or SIGTERM; answers 1, after one plain line, when it cannot start. */
export async function sandboxCommand(argv: readonly string[], environment: Environment): Promise<number | void> {
  const config = settingsFor('sandbox', environment)
  const database = databaseOf(config.databaseUrl, config.migrateDatabaseUrl)
  let stopping = false
  let sandbox: Sandbox | undefined
  const stop = () => {
    if (stopping) return
    stopping = true
    void sandbox?.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  // Before anything is started: a signal that comes meanwhile is carried out as soon as there is something to stop.
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    sandbox = await startSandbox({
      port: config.port,
      agenciesPort: config.agenciesPort,
      dataDir: config.sandboxData,
      ...(environment.HOST ? { host: config.host } : {}),
      fresh: argv.includes('--fresh'),
      ...(environment.LOG_LEVEL ? { logLevel: config.logLevel } : {}),
      ...(config.redisUrl ? { redisUrl: config.redisUrl } : {}),
      ...(database ? { database } : {}),
    })
  } catch (error) {
    const line = plainLine(error, config.port, config.agenciesPort)
    if (line === undefined) throw error
    process.stderr.write(`${line}\n`)
    return 1
  }
  if (stopping) {
    await sandbox.stop()
    return 0
  }
  process.stdout.write(whereEverythingIs(sandbox))
}

/** One URL is enough: the role that owns the tables may do what the application does. */
function databaseOf(url: string | undefined, ownerUrl: string | undefined): DatabaseUrls | undefined {
  return url === undefined ? undefined : { url, ownerUrl: ownerUrl ?? url }
}

function plainLine(error: unknown, port: number, agenciesPort: number): string | undefined {
  const plain = [EmbeddedPostgresFault, UnusableDataDirectory, ForeignDatabase, StoreUnreachable].some(
    (kind) => error instanceof kind,
  )
  if (plain) return (error as Error).message
  if (error instanceof NotOpened)
    return 'The database was filled from another data directory. Name that one with --data, or start afresh with --fresh.'
  const { code, port: taken } = error as { code?: string; port?: number }
  if (code !== 'EADDRINUSE') return undefined
  const option = taken === agenciesPort ? '--agencies-port' : '--port'
  return `Port ${taken ?? port} is taken by another program. Choose another with ${option}, or stop what uses it.`
}

const whereEverythingIs = ({ url, agenciesUrl }: Sandbox): string => `
Cl@ve sandbox: everything is invented, nothing leaves this machine.

  Demo agencies    ${agenciesUrl}/aeat   (Cl@ve Móvil, PIN or Permanente, any level)
                   ${agenciesUrl}/seguridad-social   (SAML of the real gateway, level substantial)
                   ${agenciesUrl}/dgt    (level substantial)
                   ${agenciesUrl}/sepe   (SAML 2.0, encrypted)
                   ${agenciesUrl}/interior   (level high: certificate only)
  Test citizens, messages, clock, relying parties
                   ${url}/sandbox   (JSON below ${url}/sandbox/api)
  OpenID Connect   ${url}/.well-known/openid-configuration
  SAML             ${url}/Proxy2/ServiceProvider   ${url}/saml/metadata
  Read a message   ${url}/sandbox/saml
  Health, metrics  ${url}/health/ready   ${url}/metrics

Sandbox ready: ${url}
`
