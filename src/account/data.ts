import { fullName, maskDocument, maskEmail } from '../citizen/index.ts'
import type { Page } from './page.ts'
import { maskPhone } from '../registration/index.ts'

/** What Cl@ve knows of the citizen, part-masked: who looks over a shoulder learns nothing to use (clave-domain, "Methods"). */
export const dataPage = (): Page => ({
  path: '/data',
  template: 'account/views/data.njk',
  surety: 'session',
  nav: 'data',
  show: async ({ citizen }) => ({
    model: {
      name: fullName(citizen),
      document: maskDocument(citizen.document),
      kind: citizen.kind,
      phone: citizen.phone === undefined ? undefined : maskPhone(citizen.phone),
      email: citizen.email === undefined ? undefined : maskEmail(citizen.email),
      proven: citizen.emailProvenAt !== undefined,
    },
  }),
})
