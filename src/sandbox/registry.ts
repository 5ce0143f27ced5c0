import {
  scopes,
  shownRelyingParty,
  type NotWritten,
  type RelyingParties,
  type RelyingParty,
  type Scope,
  type Written,
} from '../relying-party/index.ts'
import type { ListedParty, Registered, RegistrationProblem, SandboxRelyingParties } from './parts.ts'

/**
 * What an agency may be told where its registration leaves the scopes out: a developer wants to see everything first. In the
 * gateway's profile the level of registration is for those alone that opted in (clave-saml-profile, 4).
 */
const scopesFor = (input: object): readonly Scope[] =>
  'clave' in input ? scopes.filter((scope) => scope !== 'registration') : scopes

/** The registry as the sandbox's JSON speaks of it (sandbox.md, `relying-parties`). */
export function sandboxRegistry(relyingParties: RelyingParties): SandboxRelyingParties {
  return {
    find: (id) => relyingParties.find(id),
    list: async () => (await relyingParties.list()).map(shown),
    async register(input) {
      return answerOf(await relyingParties.register({ name: 'Test agency', scopes: scopesFor(input), ...input }))
    },
    async change(id, input) {
      const written = await relyingParties.change(id, { ...input })
      return written && answerOf(written)
    },
  }
}

function answerOf(written: Written | NotWritten): Registered | RegistrationProblem {
  if ('problems' in written) return { problem: written.problems[0]! }
  const { relyingParty, clientSecret } = written
  const oidc = relyingParty.oidc && { client_id: relyingParty.oidc.client_id }
  return {
    registered: {
      ...shown(relyingParty),
      ...oidc,
      ...(clientSecret ? { client_secret: clientSecret } : {}),
    },
  }
}

/** In the words in which it is registered: what is listed can be sent back. */
function shown(relyingParty: RelyingParty): ListedParty & Readonly<Record<string, unknown>> {
  const { leastLevel: level, ...rest } = shownRelyingParty(relyingParty)
  return { ...rest, level }
}
