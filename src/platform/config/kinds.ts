/** How the text of a setting becomes a value. `undefined` from `parse`: the text is not of this kind. */
export interface Kind<Value> {
  /** What is expected, to follow "expected": 'a whole number from 0 to 65535'. */
  readonly expected: string
  parse(text: string): Value | undefined
}

const kind = <Value>(expected: string, parse: (text: string) => Value | undefined): Kind<Value> => ({ expected, parse })

export const text: Kind<string> = kind('text', (given) => given)

export const longText = (least: number): Kind<string> =>
  kind(`a text of at least ${least} characters`, (given) => (given.length >= least ? given : undefined))

export const identifier: Kind<string> = kind('1 to 64 letters, digits, dots, dashes or underscores', (given) =>
  /^[\w.-]{1,64}$/.test(given) ? given : undefined,
)

export const wholeNumber = (least: number, most: number): Kind<number> =>
  kind(`a whole number from ${least} to ${most}`, (given) => {
    if (!/^\d{1,15}$/.test(given)) return undefined
    const value = Number(given)
    return value >= least && value <= most ? value : undefined
  })

export const choice = <const Name extends string>(...names: readonly Name[]): Kind<Name> =>
  kind(`one of ${names.join(', ')}`, (given) => names.find((name) => name === given))

/** An address with one of these schemes; whatever else it says is the business of who connects. */
export const address = (...schemes: readonly string[]): Kind<string> =>
  kind(`an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`, (given) => {
    const url = URL.parse(given)
    return url && schemes.some((scheme) => url.protocol === `${scheme}:`) && url.host !== '' ? given : undefined
  })

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Where browsers and agencies find the service. Plain http only where nothing leaves the machine. */
export const publicOrigin: Kind<string> = kind(
  'an https:// origin without a path (http:// only for localhost, 127.0.0.1 or [::1])',
  (given) => {
    const url = URL.parse(given)
    if (!url || url.href !== `${url.origin}/` || /[?#]/.test(given)) return undefined
    const fit = url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname))
    return fit ? url.origin : undefined
  },
)

/** A key and the name by which what it sealed remembers it. */
export interface NamedKey {
  readonly id: string
  /** 32 bytes. */
  readonly key: Buffer
}

/** At least one key: the first seals, all open. */
export const namedKeys: Kind<readonly [NamedKey, ...NamedKey[]]> = kind(
  'one or more of id:key, separated by commas: each id once, of letters, digits and dashes; each key 32 bytes in base64',
  (given) => {
    const keys = given.split(',').map((one) => parseNamedKey(one.trim()))
    const [first, ...others] = keys.filter((one) => one !== undefined)
    if (!first || others.length + 1 !== keys.length) return undefined
    return new Set([first, ...others].map(({ id }) => id)).size === keys.length ? [first, ...others] : undefined
  },
)

function parseNamedKey(given: string): NamedKey | undefined {
  const [, id, encoded] = /^([A-Za-z0-9-]{1,32}):([A-Za-z0-9+/_-]{43}=?)$/.exec(given) ?? []
  if (!id || !encoded) return undefined
  const key = Buffer.from(encoded, 'base64')
  return key.length === 32 ? { id, key } : undefined
}

/** A mailbox of ours, without a name. */
export const mailbox: Kind<string> = kind('an e-mail address, without a name', (given) =>
  given.length <= 254 && /^[\w.+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(given) ? given : undefined,
)

/** GSM 03.38: an alphanumeric sender has at most 11 characters; otherwise it is a number. */
export const smsSender: Kind<string> = kind(
  '1 to 11 letters, digits or spaces, or a number of up to 15 digits',
  (given) => (/^([A-Za-z0-9 ]{1,11}|\+?\d{3,15})$/.test(given) ? given : undefined),
)

/** Which proxies are believed about the client's address and scheme, as Fastify's `trustProxy` takes it. */
export const trustedProxies: Kind<false | number | readonly string[]> = kind(
  'false, the number of proxies in front (1 to 9), or their addresses or networks separated by commas',
  (given) => {
    if (given === 'false') return false
    if (/^[1-9]$/.test(given)) return Number(given)
    const networks = given.split(',').map((one) => one.trim())
    return networks.every((one) => /^([\d.]{7,15}|[\da-fA-F:.]*:[\da-fA-F:.]*)(\/\d{1,3})?$/.test(one))
      ? networks
      : undefined
  },
)

/** Whom a push service may write to or look at (RFC 8292, 2.1). */
export const contact: Kind<string> = kind('an address that begins with mailto: or https://', (given) => {
  const url = URL.parse(given)
  return url && (url.protocol === 'https:' || (url.protocol === 'mailto:' && url.pathname.includes('@')))
    ? given
    : undefined
})

/** Names of hosts; `*.` in front stands for any name below, a lone `*` for any at all. */
export const hosts: Kind<readonly string[]> = kind(
  'names of hosts, separated by commas; `*.example` for all below a name, `*` for any host',
  (given) => {
    const names = given.split(',').map((one) => one.trim())
    return names.every((name) => name === '*' || /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(name)) ? names : undefined
  },
)
