import type { Db, Sql, Statement } from '../../src/platform/index.ts'

/** What a test throws where a process would have been killed. */
export class Killed extends Error {}

/** Before a statement was sent, or after it was carried out and before anybody heard of it; a commit counts as one. */
export type When = 'before' | 'after'

export interface MortalDb extends Db {
  /** From now on it lives so many statements; once dead, it answers nothing. */
  dieAt(nth: number, when: When): void
  /** As if it had never been told to die. */
  revive(): void
  isDead(): boolean
}

/** The same database as a process sees it that can be killed at any statement; `kill`: what kills it. */
export function mortal(db: Db, kill: () => void = () => {}): MortalDb {
  let left = Infinity
  let at: When = 'before'
  let dead = false
  const die = () => {
    dead = true
    kill()
    return new Killed(at)
  }
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    if (dead) throw new Killed('long ago')
    const mine = --left === 0
    if (mine && at === 'before') throw die()
    const answer = await work()
    if (mine) throw die()
    return answer
  }
  const over = <S extends Sql>(sql: S): S => ({
    ...sql,
    rows: <Row>(statement: Statement<Row>, values?: readonly unknown[]) => step(() => sql.rows(statement, values)),
    row: <Row>(statement: Statement<Row>, values?: readonly unknown[]) => step(() => sql.row(statement, values)),
  })
  return {
    ...over(db),
    async transaction(work) {
      const answer = await db.transaction(async (tx) => {
        const done = await work(over(tx))
        if (dead) throw new Killed('long ago')
        // Thrown here, all of it is rolled back, as when the connection breaks.
        if (--left === 0 && at === 'before') throw die()
        return done
      })
      if (left === 0 && !dead) throw die()
      return answer
    },
    together: (work) => step(() => db.together(work)),
    dieAt(nth, when) {
      left = nth
      at = when
      dead = false
    },
    revive() {
      left = Infinity
      dead = false
    },
    isDead: () => dead,
  }
}

/** One that dies at the nth statement from now on. */
export function dyingAt(db: Db, nth: number, when: When): Db {
  const dying = mortal(db)
  dying.dieAt(nth, when)
  return dying
}
