import { blank, type PageModel } from '../platform/index.ts'
import { latestEnd } from './end-pages.ts'
import { usableMethods } from './judge.ts'
import type { Page } from './page.ts'
import type { Pages } from './pages.ts'
import type { LoginParts } from './parts.ts'
import type { LoginRecord } from './record.ts'

/** What every page of a login shows beside its own: who asks, the way out, the time left, the way to another method. */
export function frameOf(parts: LoginParts, pages: Pages, page: Page, login: LoginRecord): PageModel {
  const agency = blank(login.relyingParty.name)
  // An empty one is none.
  const application = blank(login.request.application || undefined)
  const others = usableMethods(parts.methods, login.request).length > 1
  return {
    asking: { name: agency, application },
    wayOut: { name: agency, action: blank(pages.urlOf(login, 'cancel')) },
    timeout: timeoutOf(parts, pages, page, login),
    values: {},
    login: {
      id: blank(login.id),
      page: page.name,
      agency,
      application,
      action: blank(pages.urlOf(login, page.name)),
      choose: others ? blank(pages.urlOf(login, 'choose')) : undefined,
    },
  }
}

function timeoutOf(parts: LoginParts, pages: Pages, page: Page, login: LoginRecord): PageModel['timeout'] {
  const extendable = login.expires < latestEnd(parts, login.begun)
  return {
    seconds: secondsLeft(parts, login),
    extend: extendable ? `${pages.urlOf(login, 'more-time')}?page=${page.name}` : undefined,
  }
}

/** Whole seconds until the login expires. */
export const secondsLeft = ({ clock }: LoginParts, login: LoginRecord): number =>
  Math.ceil((login.expires - clock.now().getTime()) / 1000)
