import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { locales, loadI18n, type Locale } from '../../src/platform/index.ts'
import { makeLetter } from '../../src/registration/letter/letter-document.ts'
import { makeReceipt } from '../../src/registration/receipt.ts'
import { inLatin } from '../../src/registration/sheet.ts'
import { readPdfLines } from '../../src/sandbox/read-pdf.ts'
import { need } from '../support/need.ts'

const run = promisify(execFile)
const i18n = loadI18n({ strict: true })
const at = new Date('2026-11-22T01:00:00Z')
const name = { given: 'MARIA DEL PILAR', firstSurname: 'DE LA FUENTE', secondSurname: "Y O'DONNELL-NÚÑEZ" }

const letterIn = (locale: Locale) =>
  makeLetter(
    { i18n, baseUrl: 'https://clave.example' },
    {
      person: { name },
      domicile: { street: 'Asmatutako kalea 7, 3.º', postalCode: '48000', town: 'Bilbao', province: 'Bizkaia' },
      csv: 'K7MQ2W9XR4TB6HZ3',
      expires: new Date('2027-01-21T01:00:00Z'),
      ...{ at, locale },
    },
  )
const receiptIn = (locale: Locale) =>
  makeReceipt({ i18n }, { document: '99999997E', name, channel: 'letter', code: 'A1B2C3D4E5', at, locale })

async function textOf(t: Test, pdf: Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clave-test-pdf-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'a.pdf'), pdf)
  const { stdout } = await run('pdftotext', ['-layout', join(folder, 'a.pdf'), '-'])
  return stdout.replace(/\s+/g, ' ')
}

for (const locale of locales) {
  const t_ = i18n.translator(locale)
  t.test(
    `the letter is real text (${locale}): address, code in groups of four, where to go, until when`,
    { skip: need('pdftotext') },
    async (t) => {
      const text = await textOf(t, await letterIn(locale))
      for (const words of [
        'MARIA DEL PILAR DE LA FUENTE',
        'Asmatutako kalea 7, 3.º',
        '48000 Bilbao',
        'K7MQ 2W9X R4TB 6HZ3',
        'clave.example/register/letter',
        t_('register:letterPdf.title'),
        t_('register:letterPdf.safeTitle'),
        locale === 'es' ? '21 de enero de 2027' : '21 January 2027',
      ])
        t.match(text, words)
      t.notMatch(text, '99999997E', 'and no document')
    },
  )

  t.test(
    `the receipt is real text (${locale}): who, at what level, and the activation code`,
    { skip: need('pdftotext') },
    async (t) => {
      const text = await textOf(t, await receiptIn(locale))
      for (const words of [
        '99999997E',
        "O'DONNELL-NÚÑEZ",
        'A1B2C 3D4E5',
        t_('register:level.basic'),
        t_('register:receipt.title'),
      ])
        t.match(text, words)
    },
  )
}

t.test('both are one page, tagged, in their language, with a title', async (t) => {
  for (const locale of locales)
    for (const pdf of [await letterIn(locale), await receiptIn(locale)]) {
      const source = pdf.toString('latin1')
      t.match(source, `/Lang (${locale})`)
      t.match(source, '/Marked true')
      t.match(source, '/DisplayDocTitle true')
      t.match(source, '/Count 1')
      t.ok(pdf.length < 20_000)
    }
})

t.test('the sandbox reads from a letter what a person would', async (t) => {
  const lines = readPdfLines(await letterIn('es'))
  for (const line of ['48000 Bilbao', 'K7MQ 2W9X R4TB 6HZ3']) t.ok(lines.includes(line), line)
})

t.test('a name that the built-in fonts cannot write loses its accents, never its letters', async (t) => {
  t.equal(inLatin('ŁUKASZ WAŁĘSA-ȘTEFAN ÑANDÚ ŠIMŮNEK ĐORĐE'), 'LUKASZ WALESA-STEFAN ÑANDÚ ŠIMUNEK DORDE')
  t.equal(inLatin('Ώ'), '?')
  t.equal(inLatin('a\r\nb'), 'a??b', 'and no line of its own comes in')
})
