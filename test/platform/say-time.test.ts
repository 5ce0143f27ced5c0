import t from 'tap'
import { calendarDay, dayAndTime, timeInSentence, timeOfDay } from '../../src/platform/index.ts'

const winter = new Date('2026-01-09T08:05:00Z')
const summer = new Date('2026-07-09T22:30:00Z')

t.test('days and times are those of mainland Spain, in winter and in summer', async (t) => {
  t.same([calendarDay(winter, 'es'), calendarDay(winter, 'en')], ['9 de enero de 2026', '9 January 2026'])
  t.equal(calendarDay(summer, 'es'), '10 de julio de 2026', 'it is past midnight there')
  t.same([timeOfDay(winter, 'es'), timeOfDay(summer, 'es')], ['09:05', '00:30'])
})

t.test('within a sentence Spanish leaves out the nought of the hour', async (t) => {
  t.same([timeInSentence(winter, 'es'), timeInSentence(winter, 'en')], ['9:05', '09:05'])
  t.equal(dayAndTime(winter, 'es'), '9 de enero de 2026 a las 9:05')
})
