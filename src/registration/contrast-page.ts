import { Type, type Static } from 'typebox'
import { parseContrast } from '../citizen/index.ts'
import { readCsv } from './draw-codes.ts'
import { isRefusal } from '../refusal/index.ts'
import { identifyPerson, whyNotOnline, type IdentifyParts } from './identify-person.ts'
import type { At, Who } from './journey.ts'
import { maskDomicile } from './mask-domicile.ts'
import { atOf, refusedWith, type Answer, type Page, type Turn } from './page.ts'

const form = Type.Object({
  journey: Type.String({ maxLength: 100 }),
  contrast: Type.String({ maxLength: 100 }),
  /** Of an invitation letter; asked for while the document is refused. */
  csv: Type.Optional(Type.String({ maxLength: 200 })),
})

/** The contrast that fits the document: only when it is right is anything said about the person. */
export function contrastPage(parts: IdentifyParts): Page {
  return {
    name: 'contrast',
    path: '/contrast',
    template: 'registration/views/contrast.njk',
    states: ['contrast'],
    leadsTo: ['channels', 'refused'],
    form,
    show: async (turn) => {
      const { document, kind } = atOf(turn, 'contrast')
      return { model: { document, kind } }
    },
    submit: (turn, typed) => identify(parts, turn, typed as Static<typeof form>),
  }
}

async function identify(parts: IdentifyParts, turn: Turn, typed: Static<typeof form>): Promise<Answer> {
  const at = atOf(turn, 'contrast')
  const contrast = parseContrast(at.kind, typed.contrast)
  const values = { contrast: typed.contrast }
  if ('wrong' in contrast)
    return { again: [{ field: 'contrast', text: `register:contrast.${at.kind}.${contrast.wrong}` }], values }
  const csv = readCsv(typed.csv ?? '')
  const identified = await identifyPerson(parts, turn.caller, { document: at.document, contrast, csv })
  if (isRefusal(identified)) {
    const answer = refusedWith(identified, values)
    // Said to everybody alike: whoever has a letter need not wait.
    return { ...answer, model: { withLetter: identified.refused === 'CITIZEN-02-too-many-tries' } }
  }
  const { person, citizen, known } = identified
  const why = whyNotOnline(person, citizen, parts.clock.now())
  if (why) return refusedWith(why)
  const who: Who = {
    document: at.document,
    kind: at.kind,
    known,
    iban: person.iban !== undefined,
    ...(person.domicile && { domicile: maskDomicile(person.domicile) }),
  }
  return { to: { page: 'channels', who, letter: at.letter } satisfies At }
}
