import type { Clock, Db, Tx } from '../platform/index.ts'
import { findPerson, limitStatementTime, putPerson } from './person-table.ts'
import type { CivilRecord, CivilRegister } from './port.ts'

/** A register whose rows are ours: installations without a line to the authority, and the sandbox. */
export interface PostgresCivilRegister extends CivilRegister {
  put(tx: Tx, person: CivilRecord): Promise<void>
}

/**
 * The time limit holds twice: PostgreSQL cancels the statement, so that no connection is held beyond it, and a timer
 * answers the caller, who may have waited for a free connection.
 * `db` should be a small pool of the register's own, so that a slow register takes no connection from the rest.
 */
export function postgresCivilRegister({
  db,
  clock,
}: {
  readonly db: Db
  readonly clock: Clock
}): PostgresCivilRegister {
  return {
    async ask(document, withinMs) {
      const late = Promise.withResolvers<'silent'>()
      let silent = false
      const timer = setTimeout(() => {
        silent = true
        late.resolve('silent')
      }, withinMs)
      const answer = db.transaction(async (tx) => {
        // Nobody waits any more for what got its connection too late.
        if (silent) return 'silent'
        await limitStatementTime(tx, withinMs)
        return findPerson(tx, document)
      })
      try {
        return await Promise.race([answer.catch(silenceOf), late.promise])
      } finally {
        clearTimeout(timer)
      }
    },
    put: (tx, person) => putPerson(tx, person, clock.now()),
  }
}

/** SQLSTATE classes that say that the register is out of order: connection, resources, intervention, system. */
const troubles = /^(08|53|55|57|58)/

/** What is no trouble of the register's is a bug and goes on as one. */
function silenceOf(error: unknown): 'silent' {
  const { code, message } = error as { code?: string; message?: string }
  const unreachable = /^E[A-Z]+$/.test(code ?? '') || /timeout|terminated|ended/i.test(message ?? '')
  if (unreachable || troubles.test(code ?? '')) return 'silent'
  throw error
}
