/** Characters; longer ones would only cost time to hash. */
export const longestPassword = 128

/**
 * The same characters, however the keyboard put them together: NFKC, one of the two forms that NIST names (SP 800-63B,
 * 3.1.1.2). Where a password is set and where it is typed at a login alike; spaces and capitals are part of it.
 */
export const normalPassword = (typed: string): string => typed.normalize('NFKC')

/** Each code point is one character (NIST SP 800-63B, 3.1.1.2). */
export const charactersOf = (password: string): number => [...password].length
