const hourOfNight = 2

const inMadrid = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Madrid',
  hour: 'numeric',
  minute: 'numeric',
  hourCycle: 'h23',
})

/** The next two o’clock in the morning of mainland Spain, give or take the hour by which the clocks change that night. */
export function nextNight(now: Date): Date {
  const [hour = 0, minute = 0] = inMadrid.format(now).split(':').map(Number)
  const minutes = (((hourOfNight - hour) * 60 - minute + 1440 - 1) % 1440) + 1
  return new Date(Math.floor(now.getTime() / 60_000) * 60_000 + minutes * 60_000)
}
