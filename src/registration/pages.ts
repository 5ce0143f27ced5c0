import { channelsPage } from './channels-page.ts'
import { confirmPage } from './confirm-page.ts'
import { contactPage } from './contact-page.ts'
import { contrastPage } from './contrast-page.ts'
import { donePage, moreTimeButton, receiptButton, refusedPage } from './end-pages.ts'
import type { IdentifyParts } from './identify-person.ts'
import type { Journey, StateName } from './journey.ts'
import { csvPage } from './letter/csv-page.ts'
import { askedPage, requestPage } from './letter/request-page.ts'
import type { Page, PageName } from './page.ts'
import { phonePage } from './phone-page.ts'

/** Every page there is below /register but the first, when it may be seen, and which may follow it. */
export const makePages = (parts: IdentifyParts): readonly Page[] => [
  contrastPage(parts),
  channelsPage,
  requestPage(parts),
  askedPage(parts),
  csvPage(parts),
  contactPage(parts),
  phonePage(parts),
  confirmPage(parts),
  donePage,
  receiptButton(parts),
  refusedPage,
  moreTimeButton(parts),
]

/** The page of each state: where somebody is led who comes to another one. */
const pageOf: Readonly<Record<StateName, PageName>> = {
  contrast: 'contrast',
  channels: 'channels',
  asked: 'letter-asked',
  contact: 'contact',
  phone: 'phone',
  confirm: 'confirm',
  done: 'done',
  refused: 'refused',
}

export const urlOf = (pages: readonly Page[], name: PageName): string =>
  `/register${pages.find((page) => page.name === name)?.path ?? ''}`

/** Where a registration stands. Who came for a letter's code is led to it, past the choice of channel. */
export const whereIs = (pages: readonly Page[], { at }: Journey): string =>
  urlOf(pages, at.page === 'channels' && at.letter ? 'letter' : pageOf[at.page])
