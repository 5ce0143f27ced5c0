/** Rows that one process holds at most; those whose time is over are dropped then, or else all. */
const most = 1_000

export interface LeasedRows<Row> {
  find(id: string): Promise<Row | undefined>
  /** Carries out a search by something else than the id; from then on `find` knows the rows that it found. */
  search(read: () => Promise<readonly Row[]>): Promise<readonly Row[]>
}

/**
 * Reads a row again only after `lease` milliseconds, counted from before it was asked for: whoever waits as long after a
 * commit knows that nobody uses the row before it. What is not there is asked for each time, so that a new row is found at
 * once and a name that somebody made up takes no room. A row that is held is frozen: many requests use it.
 */
export function leaseRows<Row extends { readonly id: string }>(
  read: (id: string) => Promise<Row | undefined>,
  lease: number,
): LeasedRows<Row> {
  if (lease === 0) return { find: read, search: (read) => read() }
  const held = new Map<string, { readonly row: Row; readonly until: number }>()
  const hold = (row: Row, until: number): void => {
    const known = held.get(row.id)
    // An answer that was long on its way tells nothing new.
    if (known && known.until > until) return
    const now = performance.now()
    if (held.size >= most) for (const [other, { until }] of held) if (until <= now) held.delete(other)
    if (held.size >= most) held.clear()
    held.set(row.id, { row: freeze(row), until })
  }
  const search: LeasedRows<Row>['search'] = async (read) => {
    const asked = performance.now()
    const rows = await read()
    for (const row of rows) hold(row, asked + lease)
    return rows
  }
  return {
    search,
    async find(id) {
      const known = held.get(id)
      if (known && performance.now() < known.until) return known.row
      held.delete(id)
      const [row] = await search(async () => [await read(id)].filter((row) => row !== undefined))
      return row
    },
  }
}

/** With all that it holds. */
function freeze<Held>(held: Held): Held {
  if (typeof held !== 'object' || held === null || Object.isFrozen(held)) return held
  for (const part of Object.values(held)) freeze(part)
  return Object.freeze(held)
}
