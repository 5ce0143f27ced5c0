import { choosePage } from './choose-page.ts'
import { cancelButton, moreTimeButton, refusedPage } from './end-pages.ts'
import { identifiedPage } from './identified-page.ts'
import { addressOf, standing, type Page } from './page.ts'
import type { LoginParts } from './parts.ts'
import type { LoginRecord } from './record.ts'
import { stepPage } from './step-page.ts'

/**
 * The state table: every page there is, when it may be seen, and which may follow it. The end ('done') is no page: it
 * lies behind the protocol's door.
 */
export interface Pages {
  readonly all: readonly Page[]
  /** The address of a page of this login. */
  urlOf(login: LoginRecord, name: string): string
  /** Where a login stands: a page of ours, or, at its end, the protocol's door. */
  where(login: LoginRecord): string
}

export function makePages(parts: LoginParts): Pages {
  const steps = parts.methods.flatMap((method) => method.steps.map((step) => stepPage(parts, method, step)))
  const all = [
    choosePage(parts),
    identifiedPage(parts),
    ...steps,
    refusedPage(parts),
    cancelButton,
    moreTimeButton(parts),
  ]
  const paths = new Map(all.map(({ name, path }) => [name, path]))
  if (paths.size < all.length) throw new Error('two pages of a login have the same name')
  const urlOf = (login: LoginRecord, name: string) => `${addressOf(login)}${paths.get(name) ?? ''}`
  return {
    all,
    urlOf,
    where: (login) => (login.at.page === 'done' ? login.request.door : urlOf(login, standing(login.at))),
  }
}
