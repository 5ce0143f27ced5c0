import type { Db, Tx } from '../../../platform/index.ts'

/** An answer for which everything that the transaction did is undone. */
class Undone<Answer> extends Error {
  readonly answer: Answer
  constructor(answer: Answer) {
    super('undone')
    this.answer = answer
  }
}

/** One transaction that ends in what `work` answers; `undo(answer)` ends it in that answer with nothing done. */
export async function undoable<Answer>(
  db: Db,
  work: (tx: Tx, undo: (answer: Answer) => never) => Promise<Answer>,
): Promise<Answer> {
  const undo = (answer: Answer): never => {
    throw new Undone(answer)
  }
  try {
    return await db.transaction((tx) => work(tx, undo))
  } catch (error) {
    if (error instanceof Undone) return error.answer as Answer
    throw error
  }
}
