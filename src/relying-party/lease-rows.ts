type Find<Row> = (id: string) => Promise<Row | undefined>

/** Rows that one process holds at most; those whose time is over are dropped then, or else all. */
const most = 1_000

/**
 * Reads a row again only after `lease` milliseconds, counted from before it was asked for: whoever waits as long after a
 * commit knows that nobody uses the row before it. What is not there is asked for each time, so that a new row is found at
 * once and a name that somebody made up takes no room.
 */
export function leaseRows<Row extends object>(find: Find<Row>, lease: number): Find<Row> {
  if (lease === 0) return find
  const held = new Map<string, { readonly row: Row; readonly until: number }>()
  const hold = (id: string, row: Row, until: number): void => {
    const now = performance.now()
    if (held.size >= most) for (const [other, { until }] of held) if (until <= now) held.delete(other)
    if (held.size >= most) held.clear()
    held.set(id, { row, until })
  }
  return async (id) => {
    const asked = performance.now()
    const known = held.get(id)
    if (known && asked < known.until) return known.row
    held.delete(id)
    const row = await find(id)
    if (row) hold(id, row, asked + lease)
    return row
  }
}
