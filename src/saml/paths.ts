/** The doors of agencies. Those of the gateway's profile are the real gateway's (clave-saml-profile, 1). */
export const doors = {
  clave: '/Proxy2/ServiceProvider',
  sso: '/saml/sso',
  slo: '/saml/slo',
  certificates: '/Proxy2/Certificates',
  metadata: '/saml/metadata',
} as const

/** Pages of ours to which a door leads on: only a GET of our own brings the browser's cookies. */
export const loginPath = (id: string): string => `/saml/login/${id}`
export const logoutPath = (id: string): string => `/saml/logout/${id}`

/**
 * Whether a text can be an id of ours. What cannot (PostgreSQL's text, unlike Redis's, holds no U+0000) is that of nothing,
 * before a store is asked.
 */
export const isId = (text: string): boolean => /^[\w-]{1,64}$/.test(text)
