import { Type } from 'typebox'
import type { App } from '../platform/index.ts'
import { examine } from './saml/examine.ts'
import type { ExaminerParts } from './saml/examination.ts'
import { mostPasted } from './saml/paste.ts'

const template = 'sandbox/views/saml.njk'

/** A page that takes a SAML message apart and says what a strict peer would object to. Nothing of it is kept or logged. */
export function samlRoutes(app: App, parts: ExaminerParts): void {
  app.get('/sandbox/saml', (_request, reply) => reply.page(template))

  const body = Type.Object({ message: Type.String() })
  // Percent-encoded by the form, a character may take three.
  app.post('/sandbox/saml', { bodyLimit: 3 * mostPasted, schema: { body } }, async ({ body: { message } }, reply) => {
    const { findings, kind, xml, attributes: told } = await examine(parts, message)
    const faults = findings.filter(({ verdict }) => verdict === 'bad').length
    return reply.page(template, { message, findings, faults, kind, xml, told })
  })
}
