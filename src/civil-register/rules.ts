import type { CivilRecord } from './port.ts'

const adultAge = 18

const madrid = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Madrid' })

/** The calendar day (YYYY-MM-DD) that it is in Spain: ages and validity are counted by it. */
const dayInSpain = (at: Date): string => madrid.format(at)

/** Under 18 (Spanish Constitution, article 12); of age from the first moment of the birthday (Civil Code, article 240). */
export function isMinor(person: Pick<CivilRecord, 'bornOn'>, now: Date): boolean {
  const [year = '', ...monthAndDay] = person.bornOn.split('-')
  const birthday = [String(Number(year) + adultAge), ...monthAndDay].join('-')
  return dayInSpain(now) < birthday
}

/** Past its validity date; a permanent DNI never is, and a support number has no date. Refuses registration, not login (clave-domain). */
export function isExpired(person: Pick<CivilRecord, 'contrast'>, now: Date): boolean {
  return person.contrast?.kind === 'valid-until' && person.contrast.date < dayInSpain(now)
}
