import t from 'tap'
import { faultOfSamlAddress } from '../../src/relying-party/check-address.ts'
import { matchesAddress } from '../../src/relying-party/index.ts'

const patterns = { allowHttp: false, pattern: true }
const exact = { allowHttp: false, pattern: false }

t.test('an address without a pattern is matched by its own octets alone', async (t) => {
  const registered = 'https://sp.example/SP2/ReturnPage'
  t.ok(matchesAddress(registered, registered))
  for (const given of [
    'https://sp.example/SP2/ReturnPage/',
    'https://sp.example/SP2/returnpage',
    'https://sp.example/SP2/ReturnPage?x=1',
    'https://sp.example/SP2/ReturnPage#x',
    'https://SP.example/SP2/ReturnPage',
    'HTTPS://sp.example/SP2/ReturnPage',
    'https://sp.example./SP2/ReturnPage',
    'https://sp.example:443/SP2/ReturnPage',
    'https://sp.example:8443/SP2/ReturnPage',
    'https://user@sp.example/SP2/ReturnPage',
    'https://sp.example@evil.example/SP2/ReturnPage',
    'https://sp.example.evil.example/SP2/ReturnPage',
    'https://sp.example/SP2/x/../ReturnPage',
    'https://sp.example/SP2/%52eturnPage',
    'https:\\\\sp.example/SP2/ReturnPage',
    'http://sp.example/SP2/ReturnPage',
    ' https://sp.example/SP2/ReturnPage',
    'https://sp.example/SP2/ReturnPage\n',
    'javascript:alert(1)//https://sp.example/SP2/ReturnPage',
    '//sp.example/SP2/ReturnPage',
    '',
  ]) {
    t.notOk(matchesAddress(registered, given), given)
  }
})

t.test('{session} stands for 1 to 128 letters, digits, dashes and underscores, and nothing else varies', async (t) => {
  const registered = 'https://sp.example/back/s-{session}.html?a=b'
  const of = (session: string) => `https://sp.example/back/s-${session}.html?a=b`
  for (const session of ['a', '0', '_-', 'aZ09_-', 'x'.repeat(128)])
    t.ok(matchesAddress(registered, of(session)), session)
  for (const session of [
    '',
    'x'.repeat(129),
    '.',
    '..',
    'a/b',
    'a%2fb',
    'a\\b',
    'a?b',
    'a#b',
    'a@b',
    'a b',
    'a\nb',
    'a\n',
    'ñ',
    '{session}',
    '.html?a=b',
    'x.html?a=b#',
  ]) {
    t.notOk(matchesAddress(registered, of(session)), JSON.stringify(session))
  }
  for (const given of [
    'https://sp.example/back/s-abc.html',
    'https://sp.example/back/s-abc.html?a=c',
    'https://sp.example/back/S-abc.html?a=b',
    'https://sp.example/other/s-abc.html?a=b',
    'https://evil.example/back/s-abc.html?a=b',
    'https://sp.example/back/s-abc.html?a=b&c=d',
    'https://evil.example/?https://sp.example/back/s-abc.html?a=b',
  ]) {
    t.notOk(matchesAddress(registered, given), given)
  }
  // What stands before the place and what stands behind it may share octets, but not the same ones.
  t.notOk(matchesAddress('https://sp.example/aa{session}aa', 'https://sp.example/aaa'))
  t.ok(matchesAddress('https://sp.example/aa{session}aa', 'https://sp.example/aaaaa'))
})

t.test('a pattern is an https address whose last path segment holds {session} once', async (t) => {
  for (const address of [
    'https://sp.example/{session}',
    'https://sp.example/back/{session}.html',
    'https://sp.example:8443/back/page-{session}?a=b',
    'https://sp.example/plain',
  ]) {
    t.equal(faultOfSamlAddress(address, patterns), undefined, address)
  }
  for (const address of [
    'https://{session}.example/back',
    'https://sp.example{session}',
    'https://sp.example:{session}/back',
    'https://sp.example/{session}/back',
    'https://sp.example/{session}/',
    'https://sp.example/back?s={session}',
    'https://sp.example/{session}{session}',
    'https://sp.example/{session}?again={session}',
    'https://sp.example/{Session}',
    'https://sp.example/{anything}',
    'https://sp.example/{{session}}',
    'https://sp.example/{}',
    'https://sp.example/%{session}',
    'https://sp.example/%2{session}',
    'https://sp.example/*',
    'http://sp.example/{session}',
    'https://user@sp.example/{session}',
    'https://sp.example/{session}#x',
    'javascript:{session}',
    'javascript://sp.example/{session}',
    'https://localhost/{session}',
    '{session}',
    '/back/{session}',
    42,
  ]) {
    t.type(faultOfSamlAddress(address, patterns), 'string', String(address))
  }
  t.equal(faultOfSamlAddress('http://127.0.0.1:9/{session}', { allowHttp: true, pattern: true }), undefined)
  t.type(faultOfSamlAddress('https://sp.example/{session}', exact), 'string', 'no pattern on the standard face')
})
