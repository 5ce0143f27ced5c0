import { refusal, refusalRow, type Refusal, type RefusalCode } from '../refusal/index.ts'
import { usableMethods } from './judge.ts'
import type { Page } from './page.ts'
import type { LoginParts } from './parts.ts'
import { endingIn } from './settle-login.ts'

export const refusedTemplate = 'login/views/refused.njk'
export const refusedModel = ({ refused, details }: Refusal) => ({ refusal: { code: refused }, details })

const nothingToShow = async () => ({ instead: 'choose' })

/** Another method would say the same: these are about the person. */
const aboutThePerson: readonly RefusalCode[] = [
  'LEVEL-01-registration-too-low',
  'CITIZEN-03-not-registered',
  'CITIZEN-04-renounced',
  'CITIZEN-05-deceased',
  'CITIZEN-06-minor',
]

/** Why it cannot go on, and what the citizen can do about it; its button takes the refusal to the agency. */
export function refusedPage(parts: LoginParts): Page {
  return {
    name: 'refused',
    path: '/refused',
    template: refusedTemplate,
    when: 'here',
    leadsTo: ['done'],
    show: async ({ login: { at, request } }) => {
      if (at.page !== 'refused') return nothingToShow()
      const { refused } = at.refusal
      const another = usableMethods(parts.methods, request).length > 1 && !aboutThePerson.includes(refused)
      // The way out is what the page itself is about, and there is nothing left to finish in time.
      const model = { ...refusedModel(at.refusal), another, wayOut: undefined, timeout: undefined }
      return { model, status: refusalRow(refused).http }
    },
    submit: async ({ login: { at } }) => (at.page === 'refused' ? endingIn(at.refusal) : { moved: true }),
  }
}

/** "Cancel and go back": on every page. */
export const cancelButton: Page = {
  name: 'cancel',
  path: '/cancel',
  when: 'open',
  leadsTo: ['done'],
  show: nothingToShow,
  submit: async ({ login: { at } }) => endingIn(at.page === 'refused' ? at.refusal : refusal('LOGIN-01-cancelled')),
}

/** "I need more time": from now on as much as a login begins with, but never beyond the longest that one may take. */
export const moreTimeButton = (parts: LoginParts): Page => ({
  name: 'more-time',
  path: '/more-time',
  when: 'open',
  leadsTo: [],
  show: nothingToShow,
  submit: async ({ login }) => ({
    expires: Math.min(parts.clock.in(parts.limits.loginLifetime).getTime(), latestEnd(parts, login.begun)),
  }),
})

export const latestEnd = ({ limits }: LoginParts, begun: number): number => begun + limits.loginLongest * 1000
