import { Type, type Static } from 'typebox'
import { timeInSentence } from '../platform/index.ts'
import { startOf } from './enter-login.ts'
import { whoFrom } from './judge.ts'
import type { Answer, Page, Turn } from './page.ts'
import type { LoginParts } from './parts.ts'
import { sayFormer } from './say-former.ts'
import { findSession, noteUse } from './session.ts'
import { endingIn } from './settle-login.ts'

const form = Type.Object({
  answer: Type.Union([Type.Literal('go-on'), Type.Literal('someone-else')]),
  /** The session that the citizen was shown: another tab may have changed it since. */
  session: Type.String({ maxLength: 64 }),
})

/** "You are already identified as …", and when they did so before: go on as this person, or as someone else. */
export function identifiedPage(parts: LoginParts): Page {
  return {
    name: 'identified',
    path: '/identified',
    template: 'login/views/identified.njk',
    when: 'here',
    leadsTo: ['choose', ...parts.methods.flatMap(({ steps }) => steps.slice(0, 1).map(({ name }) => name)), 'done'],
    form,
    show: async ({ login, visit, locale }) => {
      const session = (await findSession(parts, visit))?.session
      const who = session && (await whoFrom(parts, session, login.request))
      const citizen = who && (await parts.citizens.find(who.citizen))
      if (!who || !citizen) return { instead: 'choose' }
      const { given, firstSurname, secondSurname } = citizen.name
      const name = [given, firstSurname, secondSurname].filter(Boolean).join(' ')
      const since = { method: who.method, time: timeInSentence(who.at, locale) }
      return { model: { name, ...since, session: who.session, ...sayFormer(session.former, locale) } }
    },
    submit: (turn, typed) => answerWith(parts, turn, typed as Static<typeof form>),
  }
}

async function answerWith(parts: LoginParts, turn: Turn, typed: Static<typeof form>): Promise<Answer> {
  const { request } = turn.login
  const otherwise = startOf(parts, request)
  if (typed.answer === 'someone-else') return otherwise
  const found = await findSession(parts, turn.visit)
  if (found && found.session.id !== typed.session) return { moved: true }
  const who = found && (await whoFrom(parts, found.session, request))
  const noted = who && (await noteUse(parts, found, request.relyingParty, true))
  return who && noted ? endingIn(who) : otherwise
}
