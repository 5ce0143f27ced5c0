/** Each from where it says enough: 301 seconds are more than the 300 allowed, which "5 minutes" would not tell. */
const units = [
  { unit: 'year', size: 365 * 86_400, from: 365 * 86_400 },
  { unit: 'day', size: 86_400, from: 2 * 86_400 },
  { unit: 'hour', size: 3_600, from: 2 * 3_600 },
  { unit: 'minute', size: 60, from: 10 * 60 },
  { unit: 'second', size: 1, from: 0 },
] as const

/** Seconds, not fewer than 0, as people say them, in English: "56 years", "301 seconds". */
export function span(seconds: number): string {
  const { unit, size } = units.find(({ from }) => seconds >= from)!
  const count = Math.round(seconds / size)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
