import { Type } from 'typebox'
import { channelRules } from './levels.ts'
import { atOf, type Answer, type Page, type Turn } from './page.ts'
import type { RegistrationParts } from './parts.ts'
import { chooseRecord } from './pin24h/choose-record.ts'
import { hasOpenRecord } from './pin24h/has-open-record.ts'

const form = Type.Object({ journey: Type.String({ maxLength: 100 }) })

/**
 * The ways that are open to this person, each with what it takes, how long it lasts, and the level it gives. Its form is
 * the button of who has a record of PIN 24 horas.
 */
export function channelsPage(parts: RegistrationParts): Page {
  return {
    name: 'channels',
    path: '/channels',
    template: 'registration/views/channels.njk',
    states: ['channels', 'asked'],
    leadsTo: ['contact', 'channels', 'refused'],
    form,
    show: async (turn) => {
      const { who } = atOf(turn, 'channels', 'asked')
      const letter = {
        level: channelRules.letter.level,
        open: who.domicile !== undefined,
        iban: who.iban,
        request: '/register/letter/request',
        have: '/register/letter',
      }
      const pin24h = (await hasOpenRecord(parts.db, who.document)) && { level: channelRules.pin24h.level }
      return { model: { letter, pin24h } }
    },
    submit: (turn: Turn): Promise<Answer> => chooseRecord(parts, atOf(turn, 'channels', 'asked').who),
  }
}
