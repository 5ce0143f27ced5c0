const thresholds = [7, 30, 60] as const
const day = 24 * 60 * 60 * 1000

/** That something will count no more in `days`, and which of the days of warning has come. */
export interface ExpiryWarning {
  /** Days left, rounded up. */
  readonly days: number
  readonly threshold: (typeof thresholds)[number]
}

/** Of a certificate that ends within sixty days of `now` (the wire's) and has not ended yet; undefined of any other. */
export function expiryWarning(notAfter: Date, now: Date): ExpiryWarning | undefined {
  const days = Math.ceil(daysUntil(notAfter, now))
  const threshold = days > 0 ? thresholds.find((most) => days <= most) : undefined
  return threshold === undefined ? undefined : { days, threshold }
}

export const daysUntil = (end: Date, now: Date): number => (end.getTime() - now.getTime()) / day
