import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { spMetadata } from '../relying-party/sp-metadata.ts'
import { need } from '../support/need.ts'
import { makeKeyPair } from '../support/saml-signer.ts'
import { contrastOf, testSandbox } from '../support/sandbox.ts'
import { registerParty } from './party.ts'
import { formAt, visitor } from './visitor.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)
const sandbox = await testSandbox(t)
const folder = await mkdtemp(join(tmpdir(), 'clave-test-printed-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))
t.beforeEach(() => sandbox.reset())

interface Block {
  readonly document: string
  readonly text: string
}

/** The code that README and the guides for integrators print in one language, for the sandbox of this test. */
async function printed(language: 'sh' | 'js'): Promise<readonly Block[]> {
  const documents = ['README.md', ...globSync('docs/integrators/*.md', { cwd: root }).sort()]
  const blocks = documents.map(async (document) => {
    const text = (await readFile(join(root, document), 'utf8')).replaceAll(/(http:\/\/)?localhost:8080/g, sandbox.url)
    return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => ({
      document,
      text,
    }))
  })
  return (await Promise.all(blocks)).flat()
}

/** A citizen stands on the page that waits for their phone, as the text above the command has it. */
async function waitForPhone(document: string): Promise<void> {
  const party = await registerParty(sandbox)
  const by = visitor()
  const { arrived } = await party.send({}, by)
  const withQr = await by.submit(formAt(arrived), { method: 'movil' })
  const asking = await by.submit(formAt(withQr), { action: 'document' })
  await by.submit(formAt(asking), { document, contrast: contrastOf(document) })
}

t.test(
  'every command that README and the guides print works as it is printed',
  { skip: need('curl') || need('jq') },
  async (t) => {
    await writeFile(join(folder, 'our-certificate.pem'), makeKeyPair('rsa-2048').certificate.pem)
    await writeFile(join(folder, 'sp-metadata.xml'), spMetadata())
    // A refusal is an error of the command, here only.
    await writeFile(join(folder, '.curlrc'), 'fail-with-body\n')
    const commands = (await printed('sh')).filter(({ text }) => /\bcurl -s /.test(text))
    t.ok(commands.length >= 7, `${commands.length} found`)
    for (const { document, text } of commands) {
      await sandbox.reset()
      if (text.includes('movil/approve')) await waitForPhone('99999999R')
      const options = { cwd: folder, env: { PATH: process.env['PATH'], CURL_HOME: folder } }
      const said = await run('bash', ['-eo', 'pipefail', '-c', text], options).catch(
        (error: unknown) => error as Error & { stdout: string },
      )
      t.notOk(said instanceof Error, `${document}: ${text}${said.stdout}`)
    }
    t.ok(new X509Certificate(await readFile(join(folder, 'clave.pem'))).subject, 'the certificate for the kits')
  },
)

/** Runs JavaScript as an agency's own file would be, and answers what it tells at its end. */
async function told(code: string, ending: string): Promise<unknown> {
  const whole = `${code}\nconsole.log(JSON.stringify(${ending}))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', whole], { cwd: root })
  return JSON.parse(stdout)
}

t.test('the ten lines of README log a citizen in', async (t) => {
  const register = (await printed('sh')).find(({ text }) => text.includes('redirect_uris'))!
  const tenLines = (await printed('js'))[0]!
  const [, body = ''] = /-d '(\{.*\})'/s.exec(register.text) ?? []
  const { client_id, client_secret, id } = (
    await sandbox.api<Record<string, string>>('relying-parties', JSON.parse(body) as object)
  ).body
  await sandbox.api('next-login', { rp: id, citizen: '99999999R', method: 'pin' })
  const goes = `const { visitor } = await import('./test/sandbox/visitor.ts')
const callbackUrl = (await visitor().open(login.href, redirect_uri)).at`
  const code = `const [client_id, client_secret] = ${JSON.stringify([client_id, client_secret])}
${tenLines.text.replace(/^\/\/ … .*$/m, goes)}`
  t.match(await told(code, '{ acr, person }'), {
    acr: 'http://eidas.europa.eu/LoA/substantial',
    person: { document: '99999999R' },
  })
})

t.test('the lines for a CI register an application and settle how its logins end', async (t) => {
  const lines = (await printed('js')).find(({ text }) => text.includes("api('next-login'"))!
  const id = String(await told(lines.text, 'rp.id'))
  t.match((await sandbox.api('next-login')).body, [{ rp: id, outcome: 'CITIZEN-04-renounced' }])
})
