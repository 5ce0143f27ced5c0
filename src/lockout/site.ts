/** The network of a household or an office, as far as its address tells: /24 of IPv4, /48 of IPv6. */
export function siteOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address
  return mapped.includes('.') ? mapped.split('.').slice(0, 3).join('.') : firstGroups(mapped)
}

/** The first three groups of an IPv6 address, written out. */
function firstGroups(address: string): string {
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  const all = [...groups, ...Array<string>(Math.max(0, missing)).fill('0')]
  return all
    .slice(0, 3)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')
}
