import { Type, type Static } from 'typebox'
import { findDeviceOf, type Device } from '../authentication/index.ts'
import type { Session } from '../login/index.ts'
import { calendarDay, timeOfDay } from '../platform/index.ts'
import { endMyPhone, type EndingWhy } from './end-my-phone.ts'
import { endSessions } from './end-sessions.ts'
import { restsOn } from './methods.ts'
import type { Answer, Form, Page, Turn } from './page.ts'
import type { AccountParts } from './parts.ts'

const path = '/phone'
const ending = '/phone/end'

const form = Type.Object({
  device: Type.String({ maxLength: 40 }),
  why: Type.Optional(Type.String({ maxLength: 20 })),
})

/** The phone with Cl@ve Móvil: which one it is, and taking Cl@ve Móvil from it. */
export const phonePages = (
  parts: AccountParts,
): { readonly pages: readonly Page[]; readonly forms: readonly Form[] } => ({
  pages: [
    {
      path,
      template: 'account/views/phone.njk',
      surety: 'session',
      show: async (turn) => ({ model: await shown(parts, turn) }),
    },
    {
      path: ending,
      template: 'account/views/phone-end.njk',
      surety: 'again',
      async show(turn) {
        const model = await shown(parts, turn)
        return model.phone ? { model: { ...model, leaves: restsOn(turn.session, 'movil') } } : { instead: path }
      },
    },
  ],
  forms: [
    { path: ending, page: ending, form, submit: (turn, typed) => end(parts, turn, typed as Static<typeof form>) },
  ],
})

async function shown({ db, baseUrl }: AccountParts, { citizen, caller }: Turn) {
  const device = await findDeviceOf(db, citizen.id)
  return {
    phone: device && phoneOf(device, caller),
    blocked: citizen.blockedMethods.includes('movil'),
    // To be typed into the phone's browser.
    appAddress: `${new URL(baseUrl).host}/app`,
  }
}

function phoneOf({ id, name, activatedAt, lastUsedAt, credential, mustScan }: Device, { locale }: Turn['caller']) {
  const at = (date: Date) => ({ day: calendarDay(date, locale), time: timeOfDay(date, locale) })
  return {
    ...{ id, name, mustScan },
    activated: at(activatedAt),
    used: lastUsedAt && at(lastUsedAt),
    unlock: credential !== undefined,
  }
}

/**
 * Takes Cl@ve Móvil from the phone that the page showed, and ends the sessions that rest on it. Lost, or never the
 * citizen's: every other session as well, since somebody else may have begun it.
 */
async function end(parts: AccountParts, turn: Turn, { device, why: said }: Static<typeof form>): Promise<Answer> {
  const why = (['by-citizen', 'not-me'] as const).find((one) => one === said)
  if (!why) return { again: [{ field: 'why', text: 'account:phone.whyEmpty' }] }
  const ended = await endMyPhone(parts, turn.citizen, { device, why }, turn.caller)
  // Another tab did it, or another phone took its place: the page shows how it is now.
  if (!ended) return { to: path }
  const about = { citizen: turn.citizen.id, address: turn.caller.address }
  const leaves = restsOn(turn.session, 'movil')
  await endSessions(parts, about, why, (session) => isToEnd(session, why, turn, leaves))
  if (!leaves) return { to: path, told: `phoneEnded.${why}` }
  return { page: 'account/views/phone-ended.njk', model: { why }, leave: true }
}

function isToEnd(session: Session, why: EndingWhy, turn: Turn, leaves: boolean): boolean {
  if (session.id === turn.session.id) return leaves
  return why === 'not-me' || restsOn(session, 'movil')
}
