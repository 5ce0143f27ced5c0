import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import type { Test } from 'tap'

const run = promisify(execFile)

/** Debian's: for machines that npm's is not made for. It brings a whole window along and takes twice as long. */
const installed = '/usr/bin/chromium'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--font-render-hinting=none',
]

interface Executable {
  readonly path: string
  readonly env: Readonly<Record<string, string>>
}

let launched: Promise<Browser> | undefined

/** A browser context of its own (cookies, storage) in this process's Chromium; closed with the test. */
export async function browserContext(
  t: Test,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<BrowserContext> {
  launched ??= launch()
  const browser = await launched
  const context = await browser.newContext({ locale: 'es-ES', timezoneId: 'Europe/Madrid', ...options })
  // Generous, since two cores are shared with servers and other test files: nothing is decided by these.
  context.setDefaultTimeout(30_000)
  t.teardown(() => context.close())
  return context
}

export async function browserPage(t: Test, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  return (await browserContext(t, options)).newPage()
}

/** A Chromium of its own that is started with more flags, a fake camera say; closed with the test. */
export async function browserWith(t: Test, more: readonly string[]): Promise<Browser> {
  const browser = await launch(more)
  t.teardown(() => browser.close())
  return browser
}

/** Call once at the end of a test file that opened a browser. */
export async function closeBrowser(): Promise<void> {
  const browser = await launched
  launched = undefined
  await browser?.close()
}

/** The smaller of its two forms: it is read anew on every page. */
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** Levels A and AA of WCAG 2.0, 2.1 and 2.2. */
const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** What axe finds wrong with the page as it stands, one line for each rule. */
export async function axe(page: Page): Promise<string[]> {
  // "Legacy" leaves out a second page for frames of other origins, of which we have none.
  const { violations } = await new AxeBuilder({ page, axeSource }).setLegacyMode(true).withTags(wcag).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}

async function launch(more: readonly string[] = []): Promise<Browser> {
  const { path, env } = process.arch === 'x64' ? await chromiumFromNpm() : { path: installed, env: {} }
  return chromium.launch({
    executablePath: path,
    args: [...flags, ...more],
    env: { ...process.env, ...env },
  })
}

/**
 * The browser that the npm package @sparticuz/chromium ships, unpacked once for each version into a folder of this user.
 * The package unpacks into the temporary directory, file by file, and takes a half-written file for a whole one; so it is
 * given a directory of its own, which is then moved to its place in one step. Its fonts are looked for where the package
 * would have put them; without any font a page crashes.
 */
async function chromiumFromNpm(): Promise<Executable> {
  const packageFile = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', 'package.json')
  const { version } = createRequire(import.meta.url)(packageFile) as { version: string }
  const home = join(tmpdir(), `clave-test-chromium-${version}-${userInfo().uid}`)
  if (!existsSync(home)) {
    const staging = await mkdtemp(join(tmpdir(), 'clave-test-chromium-'))
    const unpack = `import chromium from ${JSON.stringify(import.meta.resolve('@sparticuz/chromium'))}; await chromium.executablePath()`
    // The variable makes the package unpack the libraries, too, that a machine without a desktop lacks.
    await run(process.execPath, ['--input-type=module', '-e', unpack], {
      env: { ...process.env, TMPDIR: staging, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
    })
    await writeFile(join(staging, 'fonts', 'fonts.conf'), fontsIn(home))
    await rename(staging, home).catch(() => rm(staging, { recursive: true }))
  }
  const path = join(home, 'chromium')
  const libraries = { LD_LIBRARY_PATH: join(home, 'al2023', 'lib') }
  const startsByItself = await run(path, ['--version', '--no-sandbox']).then(
    () => true,
    () => false,
  )
  return { path, env: { FONTCONFIG_PATH: join(home, 'fonts'), ...(startsByItself ? {} : libraries) } }
}

const fontsIn = (home: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${home}/fonts/fonts</dir>
  <cachedir>${home}/fonts-cache</cachedir>
</fontconfig>
`
