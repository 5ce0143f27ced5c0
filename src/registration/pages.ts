import { channelsPage } from './channels-page.ts'
import { confirmPage } from './confirm-page.ts'
import { contactPage } from './contact-page.ts'
import { contrastPage } from './contrast-page.ts'
import { donePage, receiptButton, refusedPage } from './end-pages.ts'
import type { IdentifyParts } from './identify-person.ts'
import type { At } from './journey.ts'
import { csvPage } from './letter/csv-page.ts'
import { askedPage, requestPage } from './letter/request-page.ts'
import type { Page } from './page.ts'
import { phonePage } from './phone-page.ts'

/** Every page there is below /register but the first, when it may be seen, and which may follow it. */
export const makePages = (parts: IdentifyParts): readonly Page[] => [
  contrastPage(parts),
  channelsPage(parts),
  requestPage(parts),
  askedPage(parts),
  csvPage(parts),
  contactPage(parts),
  phonePage(parts),
  confirmPage(parts),
  donePage,
  receiptButton(parts),
  refusedPage,
]

const pages: Readonly<Record<At['page'], string>> = {
  contrast: 'contrast',
  channels: 'channels',
  asked: 'letter-asked',
  contact: 'contact',
  phone: 'phone',
  confirm: 'confirm',
  done: 'done',
  refused: 'refused',
}

/** The page of each state. Who came for a letter's code is led to it, past the choice of channel. */
export const pageOf = (at: At): string => (at.page === 'channels' && at.letter ? 'letter' : pages[at.page])
