import t from 'tap'
import { testSandbox } from '../support/sandbox.ts'
import { authnRequest, makeKeyPair, signXml } from '../support/saml-signer.ts'
import { visitor } from './visitor.ts'

t.setTimeout(120_000)
const sandbox = await testSandbox(t)
const developer = visitor()
const page = await developer.open(`${sandbox.url}/sandbox/saml?lang=en`)

/** What the page shows of a message, and the steps that it objects to. */
async function read(message: string) {
  const { body } = await developer.submit(page, { message })
  const rows = body.matchAll(/<dt class="govuk-summary-list__key">(.*?)<\/dt>\s*<dd[^>]*>(.*?)<\/dd>/gs)
  const wrong = [...rows]
    .filter(([, , verdict = '']) => verdict.includes('clave-verdict--bad'))
    .map(([, title = '']) => title.trim())
  const written = /<pre[^>]*>(.*?)<\/pre>/s.exec(body)?.[1] ?? ''
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' }
  return { wrong, shown: written.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => entities[name]!) }
}

t.test('what is verified are the octets that were pasted; they are indented to be looked at only', async (t) => {
  const keys = makeKeyPair()
  const acs = 'https://indent.test/acs'
  await sandbox.api('relying-parties', {
    name: 'Indent',
    clave: { providerName: 'S2833002E_INDENT', certificates: [keys.certificate.pem], acs: [acs] },
  })
  const bare = authnRequest({
    ...{ id: '_indent', issueInstant: new Date().toISOString(), acsUrl: acs, providerName: 'S2833002E_INDENT' },
    destination: `${sandbox.url}/Proxy2/ServiceProvider`,
  })
  const inOneLine = signXml(bare, keys)
  const spread = signXml(bare.replaceAll('><', '>\n\t   <'), keys)
  for (const [what, message] of Object.entries({ inOneLine, spread })) {
    const first = await read(message)
    t.same(first.wrong, [], `${what}: as it was signed`)
    t.not(first.shown, message)
    t.equal(
      first.shown.replace(/>\s+</g, '><').replaceAll(/<([\w:-]+)((?:\s[^<>]*)?)><\/\1>/g, '<$1$2/>'),
      compact(message),
    )
    t.same((await read(first.shown)).wrong, ['Signature'], `${what}: what the page shows is not what was signed`)
  }
  t.same((await read(spread.replace(/>\s+</g, '><'))).wrong, ['Signature'], 'white space taken out')
  t.same((await read(inOneLine.replaceAll('><', '>\n<'))).wrong, ['Signature'], 'white space put in')
})

const compact = (xml: string) => xml.replace(/>\s+</g, '><').replaceAll(/<([\w:-]+)((?:\s[^<>]*)?)><\/\1>/g, '<$1$2/>')
