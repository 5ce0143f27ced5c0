/** A login that an agency sent off and waits for. */
export interface PendingLogin {
  readonly verifier: string
  readonly nonce: string
  readonly maxAge: number | undefined
}

/** What an agency holds of a citizen who came back identified. */
export interface AgencySession {
  readonly claims: Readonly<Record<string, unknown>>
  readonly person: Readonly<Record<string, unknown>>
  readonly idToken: string
  readonly at: string
}

/** What came back instead of a citizen. */
export interface AgencyError {
  readonly error: string
  readonly error_description: string | undefined
}

export interface Visitor {
  readonly pending: Map<string, PendingLogin>
  session: AgencySession | undefined
  error: AgencyError | undefined
}

const mostVisitors = 5_000
const mostPending = 20

/** The browsers that visit one agency, in memory: a demo agency forgets at restart. The oldest go first. */
export class Visitors {
  readonly #visitors = new Map<string, Visitor>()

  find(id: string | undefined): Visitor | undefined {
    return id === undefined ? undefined : this.#visitors.get(id)
  }

  create(id: string): Visitor {
    const visitor: Visitor = { pending: new Map(), session: undefined, error: undefined }
    this.#visitors.set(id, visitor)
    dropOldest(this.#visitors, mostVisitors)
    return visitor
  }

  clear(): void {
    this.#visitors.clear()
  }
}

export function addPending(visitor: Visitor, state: string, pending: PendingLogin): void {
  visitor.pending.set(state, pending)
  dropOldest(visitor.pending, mostPending)
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}
