import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'

const names = { session: 'clave-oidc-logout', interaction: 'clave-oidc-unused', resume: 'clave-oidc' }

/** `__Secure-` needs Secure, and Secure needs TLS; `__Host-` would forbid the path that binds each cookie to its login. */
export const cookieNames = (secure: boolean): typeof names =>
  secure
    ? {
        session: `__Secure-${names.session}`,
        interaction: `__Secure-${names.interaction}`,
        resume: `__Secure-${names.resume}`,
      }
    : names

/** Signs cookies with HMAC-SHA-256, in the form that Koa takes (keygrip's own default is SHA-1). */
export function cookieSigner(keys: readonly Buffer[]) {
  const secrets = keys.map((key) => createSecretKey(key))
  const macs = (data: string) => secrets.map((secret) => createHmac('sha256', secret).update(data).digest())
  const verify = (data: string, signature: string) => {
    const given = Buffer.from(signature, 'base64url')
    return macs(data).some((mac) => mac.length === given.length && timingSafeEqual(mac, given))
  }
  return {
    sign: (data: string) => macs(data)[0]?.toString('base64url') ?? '',
    verify,
    // Which key it was makes no difference: a cookie does not live long enough to be signed anew.
    index: (data: string, signature: string) => (verify(data, signature) ? 0 : -1),
  }
}

/**
 * The cookies that go out: none with a lifetime (our own store knows the deadlines, and the hand of the clock that
 * decides may be moved), and of those the library sets only the ones whose name is among `kept`.
 */
export function withoutLifetime(cookies: readonly string[], kept: readonly string[]): readonly string[] {
  return cookies
    .filter((cookie) => kept.includes(cookie.slice(0, cookie.indexOf('=')).replace(/\.sig$/, '')))
    .map((cookie) => (cookie.includes('expires=Thu, 01 Jan 1970') ? cookie : cookie.replace(/; expires=[^;]*/i, '')))
}
