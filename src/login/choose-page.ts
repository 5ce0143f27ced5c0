import { Type, type Static } from 'typebox'
import { methodNames } from '../citizen/index.ts'
import { firstStepOf } from './enter-login.ts'
import { offersFor, type Offer } from './judge.ts'
import type { LoginRequest } from './outcome.ts'
import type { Page } from './page.ts'
import type { LoginParts } from './parts.ts'

const form = Type.Object({ method: Type.Enum(methodNames) })

/**
 * The choice of method. A page of its own that leaves the login where it stands: looking at it, or coming back to it
 * with the back button, loses nothing. Only its button moves the login, to the first page of the method, begun afresh.
 */
export function choosePage(parts: LoginParts): Page {
  return {
    name: 'choose',
    path: '/choose',
    template: 'login/views/choose.njk',
    when: 'open',
    leadsTo: parts.methods.map((method) => firstStepName(method)),
    form,
    show: async ({ login }) => ({
      model: { tiles: tilesFor(offersFor(parts.methods, login.request), login.request), stepUp: login.stepUp },
    }),
    submit: async ({ login }, typed) => {
      const { method: name } = typed as Static<typeof form>
      const offer = offersFor(parts.methods, login.request).find(({ method }) => method.name === name)
      return offer?.usable ? { to: firstStepOf(offer.method) } : { moved: true }
    },
  }
}

const firstStepName = ({ steps }: LoginParts['methods'][number]): string => steps[0]?.name ?? ''

/** Those that can be used first; the others stay readable, with the way to reach what the agency asks. */
function tilesFor(offers: readonly Offer[], request: LoginRequest): readonly object[] {
  return offers
    .map(({ method, usable }) => ({ method: method.name, usable, asked: request.asked[0] }))
    .sort((one, other) => Number(other.usable) - Number(one.usable))
}
