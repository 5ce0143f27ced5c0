import type { MethodName } from '../citizen/index.ts'
import type { LoginRequest, Preset, Presets } from '../login/index.ts'
import type { Clock, EphemeralStore, Random } from '../platform/index.ts'
import type { RefusalCode } from '../refusal/index.ts'
import { refusal } from '../refusal/index.ts'

/** How the next login is to end (sandbox.md, `POST next-login`). */
export type NextLogin = { readonly citizen: string; readonly method: MethodName } | { readonly outcome: RefusalCode }

/** Pending logins without a page: one a relying party, and one for whichever comes first. */
export interface NextLogins extends Presets {
  /** `rp` left out: any relying party. Replaces what was pending for it. Answers an id for the record. */
  put(rp: string | undefined, login: NextLogin): Promise<string>
}

/** Seconds after which a pending login lapses. */
const lifetime = 300

interface Pending {
  readonly id: string
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
  return {
    async put(rp, login) {
      const pending: Pending = { id: random.uuid(), login }
      await store.set(keyOf(rp), pending, clock.in(lifetime))
      return pending.id
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

const presetOf = (login: NextLogin): Preset => ('outcome' in login ? refusal(login.outcome) : login)
