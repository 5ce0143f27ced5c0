import t from 'tap'
import { siteOf } from '../../src/lockout/index.ts'

t.test('a site is a /24 of IPv4, however it is written, and a /48 of IPv6', async (t) => {
  t.equal(siteOf('192.0.2.1'), siteOf('192.0.2.254'))
  t.equal(siteOf('192.0.2.1'), siteOf('::ffff:192.0.2.9'))
  t.not(siteOf('192.0.2.1'), siteOf('192.0.3.1'))
  t.equal(siteOf('2001:db8:1:2::1'), siteOf('2001:0DB8:1:ffff:1:2:3:4'))
  t.not(siteOf('2001:db8:1::1'), siteOf('2001:db8:2::1'))
  t.equal(siteOf('2001:db8::1'), siteOf('2001:db8:0:7::1'))
})
