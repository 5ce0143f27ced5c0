import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { parseDocument } from '../citizen/index.ts'
import type { App } from '../platform/index.ts'
import { beginJourney } from './journey.ts'
import type { RegistrationParts } from './parts.ts'

const template = 'registration/views/start.njk'

const form = Type.Object({
  document: Type.String({ maxLength: 100 }),
  /** The person came to type in a letter's code. */
  letter: Type.Optional(Type.String({ maxLength: 10 })),
})

/**
 * The first page, /register: the document, whose kind decides which contrast is asked for. It looks nothing up. Sending it
 * begins a registration in this browser, whatever was under way there.
 */
export function mountStart(parts: RegistrationParts, app: App): void {
  app.get('/register', (request, reply) => reply.page(template, modelOf({}, wantsLetter(request))))
  app.post('/register', { schema: { body: form } }, (request, reply) => begin(parts, request.body, reply))
}

/** For those who come to a letter's page with nothing under way. */
export const startWithLetter = '/register?letter=yes'

const wantsLetter = ({ query }: FastifyRequest): boolean => (query as { letter?: unknown }).letter === 'yes'

async function begin(parts: RegistrationParts, typed: Static<typeof form>, reply: FastifyReply): Promise<FastifyReply> {
  const letter = typed.letter === 'yes'
  const read = parseDocument(typed.document)
  if ('wrong' in read) {
    const problems = [{ field: 'document', text: `register:document.${read.wrong}` }]
    return reply.page(template, { ...modelOf({ document: typed.document }, letter), problems }, 422)
  }
  await beginJourney(parts, reply.ensureBrowser(), { page: 'contrast', ...read, letter })
  return reply.redirect('/register/contrast', 303)
}

const modelOf = (values: Readonly<Record<string, string>>, letter: boolean) => ({ values, letter })
