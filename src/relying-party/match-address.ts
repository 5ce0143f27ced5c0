/** What stands for the part of an address that differs from one login to the next (clave-saml-profile, 2). */
export const sessionPlace = '{session}'

/**
 * Whether the address in a message is the registered one: the same octets, or those of the pattern with 1 to 128 of
 * [A-Za-z0-9_-] in its place. Nothing is normalised, since browsers, servers and proxies normalise differently.
 */
export function matchesAddress(registered: string, given: string): boolean {
  const at = registered.indexOf(sessionPlace)
  if (at < 0) return registered === given
  const before = registered.slice(0, at)
  const after = registered.slice(at + sessionPlace.length)
  if (!given.startsWith(before) || !given.endsWith(after)) return false
  // Where the two overlap in what was given nothing is left between them.
  return /^[A-Za-z0-9_-]{1,128}$/.test(given.slice(before.length, given.length - after.length))
}
