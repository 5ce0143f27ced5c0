import { codePage } from './code-page.ts'
import type { At } from './journey.ts'
import type { Page } from './page.ts'
import type { LifeParts } from './parts.ts'
import { passwordPage } from './password-page.ts'
import { activationPage, contrastPage, waysPage } from './start-pages.ts'

/** The state table: every page there is, and where a journey stands for it. */
export const pagesOf = (parts: LifeParts): readonly Page[] => [
  activationPage(parts, 'activate', '/permanente/activate'),
  waysPage,
  activationPage(parts, 'recover', '/permanente/recover/activation-code'),
  contrastPage(parts),
  codePage(parts),
  passwordPage(parts),
  donePage,
  endedPage,
]

const donePage: Page = {
  state: 'done',
  path: '/done',
  template: 'authentication/permanente/life/views/done.njk',
  show: async ({ journey: { kind } }) => ({ kind }),
}

const endedPage: Page = {
  state: 'ended',
  path: '/ended',
  template: 'authentication/permanente/life/views/ended.njk',
  show: async ({ journey: { at, kind } }) => ({ why: at.page === 'ended' ? at.why : 'gone', kind }),
}

const paths: Record<Exclude<At['page'], 'start'>, string> = {
  code: '/code',
  password: '/password',
  done: '/done',
  ended: '/ended',
}

export const addressOf = (id: string, at: At): string =>
  at.page === 'start' ? '/permanente/activate' : `/permanente/${id}${paths[at.page]}`
