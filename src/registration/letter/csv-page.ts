import { Type, type Static } from 'typebox'
import { isRefusal } from '../../refusal/index.ts'
import { readCsv } from '../draw-codes.ts'
import { slowDownHere } from '../identify-person.ts'
import { atOf, refusedWith, type Answer, type Page, type Turn } from '../page.ts'
import type { RegistrationParts } from '../parts.ts'
import { startWithLetter } from '../start-page.ts'
import { checkCsv } from './check-csv.ts'

const form = Type.Object({ journey: Type.String({ maxLength: 100 }), csv: Type.String({ maxLength: 200 }) })

/** "I already have an invitation letter": its code. It is used up at the end only, together with the registration. */
export function csvPage(parts: RegistrationParts): Page {
  return {
    name: 'letter',
    path: '/letter',
    template: 'registration/views/letter.njk',
    states: ['channels', 'asked'],
    leadsTo: ['contact'],
    form,
    without: startWithLetter,
    show: async () => ({ model: {} }),
    submit: (turn, typed) => enterCsv(parts, turn, typed as Static<typeof form>),
  }
}

async function enterCsv(parts: RegistrationParts, turn: Turn, typed: Static<typeof form>): Promise<Answer> {
  const { who } = atOf(turn, 'channels', 'asked')
  const csv = readCsv(typed.csv)
  if (csv === undefined) return { again: [{ field: 'csv', text: 'register:letter.form' }], values: { csv: typed.csv } }
  await slowDownHere(parts, turn.caller.address)
  const digest = await checkCsv(parts, who.document, csv)
  if (!isRefusal(digest)) return { to: { page: 'contact', who, proof: { channel: 'letter', csv: digest } } }
  await parts.slowDown.failed(turn.caller.address, 'register')
  const field = digest.refused === 'REGISTER-09-csv-wrong' ? 'csv' : ''
  return { ...refusedWith(digest, {}, field), model: { another: field === '' } }
}
