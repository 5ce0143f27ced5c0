import { channelRules } from './levels.ts'
import { atOf, type Page } from './page.ts'

/** The ways that are open to this person, each with what it takes, how long it lasts, and the level it gives. */
export const channelsPage: Page = {
  name: 'channels',
  path: '/channels',
  template: 'registration/views/channels.njk',
  states: ['channels', 'asked'],
  leadsTo: [],
  show: async (turn) => {
    const { who } = atOf(turn, 'channels', 'asked')
    const letter = {
      level: channelRules.letter.level,
      open: who.domicile !== undefined,
      iban: who.iban,
      request: '/register/letter/request',
      have: '/register/letter',
    }
    return { model: { letter } }
  },
}
