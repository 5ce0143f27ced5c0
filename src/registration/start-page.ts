import { Type, type Static } from 'typebox'
import { parseDocument } from '../citizen/index.ts'
import type { StartPage } from '../platform/index.ts'
import type { At } from './journey.ts'

const form = Type.Object({
  document: Type.String({ maxLength: 100 }),
  /** The person came to type in a letter's code. */
  letter: Type.Optional(Type.String({ maxLength: 10 })),
})

/** For those who come to a letter's page with nothing under way. */
export const startWithLetter = '/register?letter=yes'

/**
 * The first page, /register: the document, whose kind decides which contrast is asked for. It looks nothing up. Sending it
 * begins a registration in this browser, whatever was under way there.
 */
export const startPage: StartPage<At> = {
  path: '/register',
  template: 'registration/views/start.njk',
  begins: 'registration',
  leadsTo: ['contrast'],
  form,
  show: async ({ query }) => ({ model: { letter: query['letter'] === 'yes' } }),
  submit: async (_turn, typed) => {
    const { document, letter: wants } = typed as Static<typeof form>
    const letter = wants === 'yes'
    const read = parseDocument(document)
    if (!('wrong' in read)) return { to: { page: 'contrast', ...read, letter } }
    const again = [{ field: 'document', text: `register:document.${read.wrong}` }]
    return { again, values: { document }, model: { letter } }
  },
}
