import { deflateRawSync } from 'node:zlib'
import t from 'tap'
import { testSandbox } from '../support/sandbox.ts'
import { samlReader } from './saml-reader.ts'
import { formOf, visitor, type Arrived } from './visitor.ts'

t.setTimeout(120_000)
const sandbox = await testSandbox(t)
const read = samlReader(sandbox)

/** What a demo agency sends, by form or address. */
async function sent(agency: string, path = 'login') {
  const arrived = await visitor().open(`${sandbox.agenciesUrl}/${agency}/${path}`, `${sandbox.url}/saml`)
  const form = formOf(arrived)
  return { url: arrived.at.href, fields: form?.fields ?? {} }
}

/** What Cl@ve sends back. */
async function answered(agency: string, wish: object) {
  await sandbox.api('next-login', { ...wish, rp: agency })
  const by = visitor()
  const begun = await by.open(`${sandbox.agenciesUrl}/${agency}/login`)
  const form = formOf(begun)
  const atDoor = form?.action.startsWith(sandbox.url)
  const arrived: Arrived = form && atDoor ? await by.post(form.action, form.fields) : begun
  return formOf(arrived)?.fields['SAMLResponse'] ?? ''
}

const xmlOf = (base64 = '') => Buffer.from(base64, 'base64').toString()
const base64 = (xml: string) => Buffer.from(xml).toString('base64')

t.test('a genuine request: nothing to object to, in whatever way it was pasted', async (t) => {
  const { fields } = await sent('seguridad-social')
  const request = fields['SAMLRequest'] ?? ''
  const encoded = encodeURIComponent(request)
  const forms = [
    request,
    request.match(/.{1,76}/g)!.join('\r\n'),
    encoded,
    xmlOf(request),
    ` SAMLRequest=${encoded}&RelayState=abc `,
    deflateRawSync(xmlOf(request)).toString('base64'),
  ]
  for (const form of forms) {
    const { status, wrong, steps, body } = await read(form)
    t.equal(status, 200)
    t.strictSame(wrong, [], form.slice(0, 30))
    t.equal(steps.length, 18)
    t.match(body, 'A strict peer would object to nothing')
  }
  const { steps } = await read(request)
  t.match(
    steps.find(({ title }) => title === 'Who sends it'),
    { verdict: 'good', text: /^Right\. Seguridad Social, registered as S2833002E_E04995902/ },
  )
})

t.test('what was left out is said to be, and times are told as people tell them', async (t) => {
  const { fields } = await sent('seguridad-social')
  const xml = xmlOf(fields['SAMLRequest'])
  const bare = xml
    .replace(/<saml2p:Extensions>.*<\/saml2p:Extensions>/s, '')
    .replace(/<saml2p:RequestedAuthnContext.*<\/saml2p:RequestedAuthnContext>/s, '')
    .replace(/<saml2p:NameIDPolicy[^>]*\/>/, '')
    .replace(/ ProtocolBinding="[^"]*"/, '')
  const { steps, body } = await read(bare)
  const textOf = (title: string) => steps.find((step) => step.title === title)?.text
  for (const [title, text] of [
    ['RelayState', 'There is none, and none is needed.'],
    ['SPType', 'It is left out, which is allowed.'],
    ['ProtocolBinding', 'It is left out: answers go by HTTP-POST all the same.'],
    ['Attributes', 'There are none.'],
    ['NameID', 'No format is asked for: we choose it.'],
    ['Level', 'No level is asked for: the least level registered counts, substantial.'],
  ])
    t.equal(textOf(title ?? ''), `Right. ${text}`)
  t.match(textOf('Methods'), /None is switched off/)
  t.notMatch(body, /[(:,] ?–[ ).]/)
  const old = await read(xml.replace(/IssueInstant="[^"]+"/, 'IssueInstant="2020-01-01T00:00:00Z"'))
  t.match(
    old.wrong.find(({ title }) => title === 'Time')?.text,
    /IssueInstant is \d+ years behind our clock; 300 seconds are allowed\. It says 2020-01-01T00:00:00\.000Z\./,
  )
  const nowhere = await read(xml.replace(/ Destination="[^"]*"/, ''))
  t.strictSame(
    nowhere.wrong.map(({ title }) => title),
    ['Signature', 'Destination'],
    'a destination that is missing is no fault of the time',
  )
  t.match(await read('<AuthnRequest xmlns="urn:oasis:names:tc:SAML:2.0:protocol"/>'), {
    body: /The message has neither ProviderName nor Issuer\./,
  })
})

t.test('a request in an address is checked with the signature of the address', async (t) => {
  const { url } = await sent('sepe')
  t.strictSame((await read(url)).wrong, [])
  const { wrong } = await read(url.replace('RelayState=', 'RelayState=x'))
  t.match(wrong, [{ title: 'Signature', text: /SAML-04-signature/ }])
})

t.test('logout requests of both faces', async (t) => {
  const { fields } = await sent('seguridad-social', 'logout')
  t.strictSame((await read(fields['logoutRequest'] ?? '')).wrong, [])
  t.strictSame((await read((await sent('sepe', 'logout')).url)).wrong, [])
})

t.test('each fault is named with what to mend', async (t) => {
  const { fields } = await sent('seguridad-social', 'login?level=high')
  const xml = xmlOf(fields['SAMLRequest'])
  const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(xml)?.[0] ?? ''
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['not a message', 'hello world', 'Decoding', 'SAML-01'],
    ['cut off', base64(xml.slice(0, -20)), 'XML', 'SAML-01'],
    ['a comment', base64(xml.replace('<saml2p:Extensions>', '<!-- x --><saml2p:Extensions>')), 'XML', 'SAML-02'],
    ['a document type', base64(`<!DOCTYPE a>${xml}`), 'XML', 'SAML-02'],
    ['another kind', base64('<a xmlns="urn:b"/>'), 'Kind of message', 'SAML-03'],
    ['nobody', base64(xml.replace('S2833002E', 'S0000000E')), 'Who sends it', 'SAML-08'],
    ['unsigned', base64(xml.replace(signature, '')), 'Signature', 'SAML-04'],
    ['changed', base64(xml.replace('LoA/high', 'LoA/low')), 'Signature', 'SAML-04'],
    ['SHA-1', base64(xml.replace('xmldsig-more#rsa-sha512', 'xmldsig#rsa-sha1')), 'Signature', 'SAML-05'],
    ['schema', base64(xml.replace('Version="2.0"', 'Version="2.1"')), 'Structure', 'SAML-03'],
    ['another address', base64(xml.replace('/Proxy2/S', '/Proxy3/S')), 'Destination', 'SAML-17'],
    ['old', base64(xml.replace(/IssueInstant="[^"]+"/, 'IssueInstant="2020-01-01T00:00:00Z"')), 'Time', 'SAML-18'],
    ['return address', base64(xml.replace('/acs"', '/elsewhere"')), 'Return address', 'SAML-10'],
    [
      'RelayState',
      `SAMLRequest=${encodeURIComponent(base64(xml))}&RelayState=${'x'.repeat(81)}`,
      'RelayState',
      'SAML-11',
    ],
    ['level', base64(xml.replace('LoA/high', 'LoA/huge')), 'Level', 'SAML-13'],
    ['NameID', base64(xml.replace('format:persistent', 'format:other')), 'NameID', 'SAML-15'],
    ['SPType', base64(xml.replace('>public<', '>secret<')), 'SPType', 'SAML-16'],
    ['binding', base64(xml.replace('bindings:HTTP-POST', 'bindings:HTTP-Artifact')), 'ProtocolBinding', 'SAML-09'],
  ]
  for (const [what, message, title, code] of cases) {
    const { wrong, status } = await read(message)
    t.equal(status, 200, what)
    t.ok(
      wrong.some((step) => step.title === title && step.text.includes(code)),
      `${what}: ${JSON.stringify(wrong)}`,
    )
  }
})

t.test('answers of Cl@ve: what they tell, and whether they are exact', async (t) => {
  const answer = await answered('seguridad-social', { citizen: '99999999R', method: 'pin' })
  const { wrong, body, steps } = await read(answer)
  t.strictSame(wrong, [])
  t.match(body, /<th scope="row"[^>]*>.*SelectedIdP<\/span><\/th>/)
  t.match(
    steps.find(({ title }) => title === 'Audience'),
    { verdict: 'good' },
  )
  const inexact = await read(xmlOf(answer).replace('FriendlyName="FirstSurname"', 'FriendlyName="PrimerApellido"'))
  t.match(inexact.wrong, [{ title: 'Signature' }, { title: 'Attributes', text: /PrimerApellido/ }])
  const encrypted = await read(await answered('sepe', { citizen: '99999999R', method: 'pin' }))
  t.strictSame(encrypted.wrong, [])
  t.match(encrypted.notes, [{ title: 'Assertion', text: /encrypted/ }])
  const refused = await read(await answered('seguridad-social', { outcome: 'CITIZEN-04-renounced' }))
  t.strictSame(refused.wrong, [])
  t.match(refused.notes, [{ title: 'Status', text: /AuthnFailed.*CITIZEN-04-renounced/ }, { title: 'Assertion' }])
})

t.test('whatever is pasted is answered, and nothing of it becomes markup', async (t) => {
  const { fields } = await sent('seguridad-social')
  // Nothing is taken from KeyInfo, so nobody objects to what was cut out of it.
  const xml = xmlOf(fields['SAMLRequest']).replace(/<ds:KeyInfo>.*<\/ds:KeyInfo>/s, '')
  const hostile = [
    '<script>alert(1)</script>',
    'SAMLRequest=',
    '?SAMLResponse=%%%',
    '%E0%A4%A',
    '\u0000\u0001',
    'PA==',
    base64('<'),
    deflateRawSync(Buffer.alloc(5_000_000)).toString('base64'),
    `<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol"/>`,
    `<AuthnRequest xmlns="urn:oasis:names:tc:SAML:2.0:protocol"/>`,
    `<LogoutRequest xmlns="urn:oasis:names:tc:SAML:2.0:protocol"/>`,
    `<LogoutResponse xmlns="urn:oasis:names:tc:SAML:2.0:protocol"/>`,
    `<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol"><Assertion><AttributeStatement><x/></AttributeStatement></Assertion></Response>`,
    ...['/saml/slo?SAMLResponse', '/saml/metadata?SAMLRequest', 'SAMLRequest=a&SAMLRequest', 'a?b ?SAMLRequest'].map(
      (sent) => `${sent}=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}&RelayState=x&RelayState=y`,
    ),
    'x'.repeat(400_001),
    ...Array.from({ length: 20 }, (_, at) => base64(xml.slice(0, at * 97) + xml.slice(at * 101 + 7))),
  ]
  for (const message of hostile) {
    const { status, wrong, body } = await read(message)
    t.equal(status, 200, message.slice(0, 40))
    t.ok(wrong.length > 0, message.slice(0, 40))
    t.notMatch(body, '<script>alert')
  }
  const page = await visitor().open(`${sandbox.url}/sandbox/saml`)
  t.equal((await visitor().submit({ ...page, at: page.at }, { message: 'x' })).status, 403, 'a form of our own only')
})
