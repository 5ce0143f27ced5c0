import { limitsFrom, limitTable } from './lockout/index.ts'
import { readConfig, type Command, type Config, type Environment } from './platform/index.ts'

/** What a command runs with, limits included. @throws ConfigError with everything that is wrong. */
export function settingsFor<For extends Command>(command: For, environment: Environment): Config<For> {
  return readConfig(command, { environment, limits: { table: limitTable, check: limitsFrom } })
}
