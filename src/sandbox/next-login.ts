import type { MethodName } from '../citizen/index.ts'
import type { LoginRequest, Preset, Presets } from '../login/index.ts'
import type { Clock, EphemeralStore, Random } from '../platform/index.ts'
import type { RefusalCode } from '../refusal/index.ts'
import { refusal } from '../refusal/index.ts'

/** How the next login is to end (sandbox.md, `POST next-login`); `citizen`: our id, `document`: as it is shown. */
export type NextLogin =
  | { readonly citizen: string; readonly document: string; readonly method: MethodName }
  | { readonly outcome: RefusalCode }

/** One that no request has taken yet, as it is shown: with citizen (the document) and method, or with outcome. */
export interface PendingLogin {
  readonly id: string
  /** The id of a relying party; absent: whichever comes first. */
  readonly rp?: string
  readonly citizen?: string
  readonly method?: MethodName
  readonly outcome?: RefusalCode
  /** When it lapses, by the sandbox's clock; ISO 8601. */
  readonly until: string
}

/** Pending logins without a page: one a relying party, and one for whichever comes first. */
export interface NextLogins extends Presets {
  /** `rp` left out: any relying party. Replaces what was pending for it. Answers an id for the record. */
  put(rp: string | undefined, login: NextLogin): Promise<string>
  /** What lapses first stands first. */
  pending(): Promise<readonly PendingLogin[]>
  /** Answers whether it was still pending. */
  cancel(id: string): Promise<boolean>
}

/** Seconds after which a pending login lapses. */
const lifetime = 300

const group = 'sandbox:next-login:pending'

interface Pending {
  readonly id: string
  readonly rp?: string
  readonly login: NextLogin
}

export function makeNextLogins({
  store,
  clock,
  random,
}: {
  store: EphemeralStore
  clock: Clock
  random: Random
}): NextLogins {
  const keyOf = (rp: string | undefined) => `sandbox:next-login:${rp ?? '*'}`
  const keysFor = (request: LoginRequest) => [keyOf(request.relyingParty), keyOf(undefined)]
  const all = () => store.listGroup<Pending>(group)
  return {
    async put(rp, login) {
      const pending: Pending = { id: random.uuid(), ...(rp === undefined ? {} : { rp }), login }
      await store.set(keyOf(rp), pending, clock.in(lifetime), [group])
      return pending.id
    },
    async pending() {
      const shown = (await all()).map(({ value, expires }) => shownOf(value, expires))
      return shown.toSorted((one, other) => one.until.localeCompare(other.until))
    },
    async cancel(id) {
      const found = (await all()).find(({ value }) => value.id === id)
      return found !== undefined && (await store.take(found.key)) !== undefined
    },
    async waits(request) {
      const found = await Promise.all(keysFor(request).map((key) => store.get(key)))
      return found.some((entry) => entry !== undefined)
    },
    async take(request) {
      for (const key of keysFor(request)) {
        const pending = await store.take<Pending>(key)
        if (pending) return presetOf(pending.login)
      }
      return undefined
    },
  }
}

function presetOf(login: NextLogin): Preset {
  if ('outcome' in login) return refusal(login.outcome)
  const { citizen, method } = login
  return { citizen, method }
}

function shownOf({ id, rp, login }: Pending, expires: Date): PendingLogin {
  const ends = 'outcome' in login ? login : { citizen: login.document, method: login.method }
  return { id, ...(rp === undefined ? {} : { rp }), ...ends, until: expires.toISOString() }
}
