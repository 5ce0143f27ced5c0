import { Type } from 'typebox'
import { calendarDay } from '../../platform/index.ts'
import { isRefusal, refusal } from '../../refusal/index.ts'
import { atOf, refusedWith, type Answer, type Page, type Turn } from '../page.ts'
import type { RegistrationParts } from '../parts.ts'
import { askLetter } from './ask-letter.ts'

const form = Type.Object({ journey: Type.String({ maxLength: 100 }) })

/** Asks for the letter: shows where it goes, masked, and takes no other address. */
export function requestPage(parts: RegistrationParts): Page {
  return {
    name: 'letter-request',
    path: '/letter/request',
    template: 'registration/views/letter-request.njk',
    states: ['channels'],
    leadsTo: ['asked'],
    form,
    show: async (turn) => {
      const { who } = atOf(turn, 'channels')
      const days = Math.floor(parts.limits.letterLifetime / 86_400)
      return { model: { domicile: who.domicile, days, most: parts.limits.lettersPerQuarter } }
    },
    submit: (turn) => request(parts, turn),
  }
}

async function request(parts: RegistrationParts, { journey, caller, locale, ...turn }: Turn): Promise<Answer> {
  const { who } = atOf({ journey, caller, locale, ...turn }, 'channels')
  if (who.domicile === undefined) return refusedWith(refusal('REGISTER-07-no-domicile'))
  const asked = await askLetter(parts, who.document, locale, caller)
  // Pressed again the button could only be refused again: the page tells what can be done instead.
  if (isRefusal(asked)) return { ...refusedWith(asked), model: { usedUp: asked.refused } }
  return { to: { page: 'asked', who, due: asked.due.toISOString() } }
}

/** What happens now with the letter that was asked for. */
export function askedPage(parts: RegistrationParts): Page {
  return {
    name: 'letter-asked',
    path: '/letter/asked',
    template: 'registration/views/letter-asked.njk',
    states: ['asked'],
    leadsTo: [],
    show: async (turn) => {
      const { who, due } = atOf(turn, 'asked')
      const days = Math.floor(parts.limits.letterLifetime / 86_400)
      return { model: { domicile: who.domicile, day: calendarDay(new Date(due), turn.locale), days } }
    },
  }
}
