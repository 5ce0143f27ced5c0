import { Type, type Static } from 'typebox'
import { methodNames, type Loa, type MethodName } from '../citizen/index.ts'
import { blank, type Printed } from '../platform/index.ts'
import type { Method } from '../authentication/index.ts'
import { firstStepOf } from './enter-login.ts'
import { isWithinAnother, offersFor, usableMethods, type Offer } from './judge.ts'
import { addressOf, type Page } from './page.ts'
import type { LoginParts } from './parts.ts'
import type { LoginRecord } from './record.ts'

const form = Type.Object({ method: Type.Enum(methodNames) })

/**
 * The choice of method. A page of its own that leaves the login where it stands: looking at it, or coming back to it
 * with the back button, loses nothing. While the login stands here its tiles are links, but for methods that are begun by
 * a form. Where it is on its way through a method already they are buttons, which move it to the first page of the method,
 * begun afresh.
 */
export function choosePage(parts: LoginParts): Page {
  return {
    name: 'choose',
    path: '/choose',
    template: 'login/views/choose.njk',
    stencil: true,
    when: 'open',
    leadsTo: parts.methods.map((method) => firstStepName(method)),
    form,
    show: async ({ login }) => ({
      model: {
        tiles: tilesFor(parts, login),
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
  at.page === 'choose' && !method.leave && usableMethods(methods, request).includes(method)

/** What a tile, or a way within one, leads to: a link, or else a button of the form. */
interface Way {
  readonly method: MethodName
  readonly href: Printed | undefined
}

interface Tile extends Way {
  readonly usable: boolean
  readonly asked: Loa
  readonly within: readonly Way[]
}

/** Those that can be used first; the others stay readable, with the way to reach what the agency asks. */
function tilesFor(parts: LoginParts, login: LoginRecord): readonly Tile[] {
  const [asked] = login.request.asked
  const offers = offersFor(parts.methods, login.request)
  const wayBy = ({ method }: Offer): Way => {
    const href = `${addressOf(login)}${method.steps[0]?.path ?? ''}`
    return { method: method.name, href: isLinked(parts, login, method) ? blank(href) : undefined }
  }
  return offers
    .filter((offer) => !isWithinAnother(offer, offers))
    .map((offer) => {
      const within = offers.filter((other) => offer.usable && other.method.within === offer.method.name && other.usable)
      return { ...wayBy(offer), usable: offer.usable, asked, within: within.map(wayBy) }
    })
    .sort((one, other) => Number(other.usable) - Number(one.usable))
}
