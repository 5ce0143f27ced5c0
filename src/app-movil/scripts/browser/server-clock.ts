/** Phones' clocks are off: what is signed bears the server's time, as its answers tell it. */

let ahead = 0

/** Takes the time over from an answer (RFC 9110, 6.6.1). */
export function heed(answer: Response): void {
  const told = Date.parse(answer.headers.get('date') ?? '')
  if (!Number.isNaN(told)) ahead = told - Date.now()
}

/** Milliseconds by which the server is ahead of this phone. */
export const skew = (): number => ahead

/** Milliseconds since 1970. */
export const serverNow = (): number => Date.now() + ahead

/** Whole seconds since 1970, for `iat`. */
export const serverSeconds = (): number => Math.floor(serverNow() / 1000)
