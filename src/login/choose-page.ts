import { Type, type Static } from 'typebox'
import { methodNames } from '../citizen/index.ts'
import type { Method } from '../authentication/index.ts'
import { firstStepOf } from './enter-login.ts'
import { offersFor, usableMethods, type Offer } from './judge.ts'
import { addressOf, type Page } from './page.ts'
import type { LoginParts } from './parts.ts'
import type { LoginRecord } from './record.ts'

const form = Type.Object({ method: Type.Enum(methodNames) })

/**
 * The choice of method. A page of its own that leaves the login where it stands: looking at it, or coming back to it
 * with the back button, loses nothing. While the login stands here its tiles are links. Where it is on its way through a
 * method already they are buttons, which move it to the first page of the method, begun afresh.
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
      model: {
        tiles: tilesFor(offersFor(parts.methods, login.request), login),
        linked: login.at.page === 'choose',
        stepUp: login.stepUp,
      },
    }),
    submit: async ({ login }, typed) => {
      const { method: name } = typed as Static<typeof form>
      const offer = offersFor(parts.methods, login.request).find(({ method }) => method.name === name)
      return offer?.usable ? { to: firstStepOf(offer.method) } : { moved: true }
    },
  }
}

const firstStepName = ({ steps }: LoginParts['methods'][number]): string => steps[0]?.name ?? ''

/** Whether the first page of this method may be seen without a move of the login: its tile is a link. */
export const isLinked = ({ methods }: LoginParts, { at, request }: LoginRecord, method: Method): boolean =>
  at.page === 'choose' && usableMethods(methods, request).includes(method)

/** Those that can be used first; the others stay readable, with the way to reach what the agency asks. */
function tilesFor(offers: readonly Offer[], login: LoginRecord): readonly object[] {
  const [asked] = login.request.asked
  return offers
    .map(({ method, usable }) => {
      const href = `${addressOf(login)}${method.steps[0]?.path ?? ''}`
      return { method: method.name, usable, href, asked }
    })
    .sort((one, other) => Number(other.usable) - Number(one.usable))
}
