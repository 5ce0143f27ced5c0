import { BlockList, isIPv4, isIPv6 } from 'node:net'

function listOf(type: 'ipv4' | 'ipv6', ...subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/')
    list.addSubnet(address, Number(bits), type)
  }
  return list
}

// IANA's special-purpose registries (RFC 6890): this network, private use, carriers' NAT, loopback, link local,
// protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved and broadcast.
const special4 = listOf(
  'ipv4',
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
)
// Of IPv6 only what is global unicast: mapped IPv4, NAT64, unique local and link local addresses are outside of it.
const global6 = listOf('ipv6', '2000::/3')
const special6 = listOf('ipv6', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20')

// What a developer's own machine and network have.
const near4 = listOf('ipv4', '127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16')
const near6 = listOf('ipv6', '::1/128', 'fc00::/7')

/**
 * Whether the server may connect there on behalf of somebody who gave an address: the public Internet only, so that
 * nobody reaches what stands behind it. `near`: this machine and private networks too, for the sandbox; link local
 * addresses, where clouds keep their secrets, never.
 */
export function mayConnectTo(address: string, { near }: { readonly near: boolean }): boolean {
  if (isIPv4(address)) return !special4.check(address, 'ipv4') || (near && near4.check(address, 'ipv4'))
  // A zone or an IPv4 address in it is no part of a global one.
  if (!isIPv6(address) || /[.%]/.test(address)) return false
  if (near && near6.check(address, 'ipv6')) return true
  return global6.check(address, 'ipv6') && !special6.check(address, 'ipv6')
}
