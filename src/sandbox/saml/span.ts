const units = [
  ['year', 365 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** Seconds as people say them, in English, in the largest unit that they fill: "5 minutes". */
export function span(seconds: number): string {
  const whole = Math.abs(seconds)
  const [unit, size] = units.find(([, size]) => whole >= size) ?? (['second', 1] as const)
  const count = Math.round(whole / size)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
