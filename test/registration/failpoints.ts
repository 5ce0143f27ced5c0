import type { Db, Sql, Statement } from '../../src/platform/index.ts'

/** What a test throws where a process would have been killed. */
export class Killed extends Error {}

/**
 * The same database, which dies at the nth statement from now on: before it was sent, or after it was carried out and
 * before anybody heard of it; a commit counts as one.
 */
export function dyingAt(db: Db, nth: number, when: 'before' | 'after'): Db & { readonly left: () => number } {
  let left = nth
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    left -= 1
    if (left < 0 || (left === 0 && when === 'before')) throw new Killed('before')
    const answer = await work()
    if (left === 0) throw new Killed('after')
    return answer
  }
  const over = <S extends Sql>(sql: S): S => ({
    ...sql,
    rows: <Row>(statement: Statement<Row>, values?: readonly unknown[]) => step(() => sql.rows(statement, values)),
    row: <Row>(statement: Statement<Row>, values?: readonly unknown[]) => step(() => sql.row(statement, values)),
  })
  return {
    ...over(db),
    transaction: (work) => step(() => db.transaction((tx) => work(over(tx)))),
    left: () => left,
  }
}
