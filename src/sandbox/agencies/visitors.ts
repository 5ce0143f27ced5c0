/** What an agency holds of a citizen who came back identified. */
export interface AgencySession {
  readonly person: Readonly<Record<string, unknown>>
  /** 'low', 'substantial' or 'high'. */
  readonly level: string
  readonly method: unknown
  /** What else was told, in the words of the protocol. */
  readonly told: Readonly<Record<string, unknown>>
}

/** What came back instead of a citizen. */
export interface AgencyError {
  readonly error: string
  readonly error_description: string | undefined
  /** SAML: the word of the top-level status. */
  readonly status?: string
}

export interface Visitor {
  readonly id: string
  session: AgencySession | undefined
  error: AgencyError | undefined
}

const mostVisitors = 5_000

/** The browsers that visit one agency, in memory: a demo agency forgets at restart. The oldest go first. */
export class Visitors {
  readonly #visitors = new Map<string, Visitor>()

  find(id: string | undefined): Visitor | undefined {
    return id === undefined ? undefined : this.#visitors.get(id)
  }

  create(id: string): Visitor {
    const visitor: Visitor = { id, session: undefined, error: undefined }
    this.#visitors.set(id, visitor)
    dropOldest(this.#visitors, mostVisitors)
    return visitor
  }

  /** Ends the sessions that fit: the citizen logged out elsewhere. */
  endSessions(fits: (told: AgencySession['told']) => boolean): void {
    for (const visitor of this.#visitors.values())
      if (visitor.session && fits(visitor.session.told)) visitor.session = undefined
  }

  clear(): void {
    this.#visitors.clear()
  }
}

/** What was sent off and is waited for, by the name that its answer will bring: each is taken once. */
export class Waiting<What> {
  readonly #all = new Map<string, What>()
  readonly #most: number

  constructor(most = mostVisitors) {
    this.#most = most
  }

  put(key: string, what: What): void {
    this.#all.set(key, what)
    dropOldest(this.#all, this.#most)
  }

  take(key: string | undefined): What | undefined {
    const found = key === undefined ? undefined : this.#all.get(key)
    if (key !== undefined) this.#all.delete(key)
    return found
  }

  clear(): void {
    this.#all.clear()
  }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}
