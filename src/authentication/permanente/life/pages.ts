import { codePage } from './code-page.ts'
import { atOf } from '../../../platform/index.ts'
import type { Page, Start } from './page.ts'
import type { LifeParts } from './parts.ts'
import { passwordPage } from './password-page.ts'
import { activationPage, contrastPage, waysPage } from './start-pages.ts'

/** Where a journey begins. */
export const startsOf = (parts: LifeParts): readonly Start[] => [
  activationPage(parts, 'activate', '/permanente/activate'),
  waysPage,
  activationPage(parts, 'recover', '/permanente/recover/activation-code'),
  contrastPage(parts),
]

/** The state table: every page there is below /permanente/:id, one a state. */
export const pagesOf = (parts: LifeParts): readonly Page[] => [
  codePage(parts),
  passwordPage(parts),
  donePage,
  endedPage,
]

const donePage: Page = {
  name: 'done',
  path: '/done',
  template: 'authentication/permanente/life/views/done.njk',
  states: ['done'],
  leadsTo: [],
  show: async ({ journey: { kind } }) => ({ model: { kind } }),
}

const endedPage: Page = {
  name: 'ended',
  path: '/ended',
  template: 'authentication/permanente/life/views/ended.njk',
  states: ['ended'],
  leadsTo: [],
  show: async (turn) => ({ model: { why: atOf(turn, 'ended').why, kind: turn.journey.kind } }),
}
