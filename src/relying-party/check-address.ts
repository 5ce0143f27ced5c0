import { sessionPlace } from './match-address.ts'

/** What an installation allows beside https. */
export interface AddressRules {
  /** Plain http and hosts of this machine, for web applications too: the sandbox only. */
  readonly allowHttp: boolean
  /** An app on the citizen's device (RFC 8252): loopback addresses and schemes of its own. */
  readonly native: boolean
}

const loopbackAddress = /^(127(\.\d{1,3}){3}|\[::1\])$/
const loopback = (url: URL): boolean => loopbackAddress.test(url.hostname) || /(^|\.)localhost$/.test(url.hostname)

/**
 * Whether browsers may be sent to this address (RFC 6749, 3.1.2; RFC 8252, 7; RFC 9700, 4.1): the fault in words, or
 * nothing. Requests are compared with it character by character, so no part of it may be a pattern.
 */
export function faultOfReturnAddress(value: unknown, rules: AddressRules): string | undefined {
  const url = absolute(value)
  if (typeof url === 'string') return url
  if (url.protocol === 'https:') {
    if (!rules.allowHttp && loopback(url))
      return "must not be on the citizen's own machine; a native application uses http there"
    return undefined
  }
  if (url.protocol === 'http:') {
    if (rules.allowHttp || (rules.native && loopbackAddress.test(url.hostname))) return undefined
    return 'must use https; only a native application may use http, on 127.0.0.1 or [::1]'
  }
  // RFC 8252, 7.1: a domain name of its maker, reversed. That also keeps javascript:, data: and their like out.
  if (rules.native && /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:$/.test(url.protocol)) return undefined
  return 'must use https; only a native application may have a scheme of its own, with a dot in it (com.example.app:)'
}

/** Whether we may fetch from, post to, or link to this address: https, or http where it is allowed. */
export function faultOfWebAddress(value: unknown, rules: Pick<AddressRules, 'allowHttp'>): string | undefined {
  const url = absolute(value)
  if (typeof url === 'string') return url
  return url.protocol === 'https:' || (rules.allowHttp && url.protocol === 'http:') ? undefined : 'must use https'
}

/**
 * The same for the return addresses of SAML. Where patterns are allowed (clave-saml-profile, 2) the last segment of the
 * path may hold `{session}` once; what stands before it cannot make it a part of a percent-encoded character.
 */
export function faultOfSamlAddress(
  value: unknown,
  { allowHttp, pattern }: Pick<AddressRules, 'allowHttp'> & { readonly pattern: boolean },
): string | undefined {
  const fault = faultOfReturnAddress(value, { allowHttp, native: false })
  if (fault !== undefined) return fault
  if (!/[{}]/.test(value as string)) return undefined
  if (!pattern) return 'must have no braces: it is compared character by character'
  const [before = '', after, ...more] = (value as string).split(sessionPlace)
  const lastSegment = /^https?:\/\/[^/?{}]+\/[^?{}]*$/i.test(before) && /^[^/{}?]*(\?[^{}]*)?$/.test(after ?? '{')
  if (more.length > 0 || !lastSegment || /%[0-9A-Fa-f]?$/.test(before))
    return `may hold ${sessionPlace} once, in the last segment of its path, and no other braces`
  return undefined
}

/** The parsed address, or the fault that an address of any kind may not have. */
function absolute(value: unknown): URL | string {
  if (typeof value !== 'string' || value.length > 2_000) return 'must be an address of at most 2000 characters'
  // What a parser would mend (spaces, line breaks, backslashes) is where two parsers disagree.
  if (!/^[\x21-\x7e]+$/.test(value) || value.includes('\\'))
    return 'must have no spaces, backslashes or unencoded characters'
  const url = URL.parse(value)
  if (!url || !/^[a-z][a-z0-9.+-]*:/i.test(value)) return 'must be absolute'
  if (value.includes('*')) return 'must have no wildcard'
  if (value.includes('#')) return 'must have no fragment'
  if (url.username !== '' || url.password !== '' || /^[a-z]+:\/\/[^/?]*@/i.test(value))
    return 'must have no user name or password'
  if (/^https?:$/.test(url.protocol) && !/^https?:\/\/[^/]/i.test(value)) return 'must have a host'
  return url
}
