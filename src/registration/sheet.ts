import { create as qrOf } from 'qrcode'
import type { Locale } from '../platform/index.ts'

export interface SheetParts {
  readonly title: string
  readonly locale: Locale
  /** The day it was made, for the file's own record. */
  readonly at: Date
}

/** One sheet of A4, written from top to bottom. What is said is real text, tagged, so that it can be read aloud and copied. */
export interface Sheet {
  heading(text: string): void
  subheading(text: string): void
  paragraph(text: string): void
  /** A term and what is said of it, a line each. */
  facts(rows: readonly (readonly [term: string, value: string])[]): void
  /** Numbered, each a paragraph. */
  steps(texts: readonly string[]): void
  /** A code to be copied, large and framed. */
  code(label: string, code: string): void
  /** Where the window of the envelope is. */
  address(lines: readonly string[]): void
  /** Beside the address. */
  qr(url: string, label: string): void
  small(text: string): void
}

const margin = 62
const ink = '#14293d'
const amber = '#ffc03d'
const muted = '#46586a'
/** Millimetres in points. */
const mm = (length: number): number => (length * 72) / 25.4

/** Answers the PDF of a sheet. Rejects only for a bug. */
export async function makeSheet({ title, locale, at }: SheetParts, write: (sheet: Sheet) => void): Promise<Buffer> {
  // Loaded by the first sheet: 31 MB, and a fifth of a second of a start.
  const { default: PDFDocument } = await import('pdfkit')
  const doc = new PDFDocument({
    size: 'A4',
    margin,
    lang: locale,
    tagged: true,
    pdfVersion: '1.7',
    displayTitle: true,
    info: { Title: title, Creator: 'Cl@ve', Producer: 'Cl@ve', CreationDate: at, ModDate: at },
  })
  const pieces: Buffer[] = []
  const ended = new Promise<void>((resolve, reject) => doc.on('end', resolve).on('error', reject))
  doc.on('data', (piece: Buffer) => pieces.push(piece))
  const root = doc.struct('Document')
  doc.addStructure(root)
  letterhead(doc, root)
  write(sheetOn(doc, root))
  root.end()
  doc.end()
  await ended
  return Buffer.concat(pieces)
}

type Doc = PDFKit.PDFDocument
type Root = PDFKit.PDFStructureElement

function letterhead(doc: Doc, root: Root): void {
  drawn(doc, () => doc.rect(0, 0, doc.page.width, 9).fill(amber))
  doc.font('Helvetica-Bold').fontSize(24).fillColor(ink)
  doc.text('Cl@ve', margin, 34, { structParent: root, structType: 'P' })
  doc.y = 82
}

function sheetOn(doc: Doc, root: Root): Sheet {
  const say = (text: string, tag: string, options: PDFKit.Mixins.TextOptions = {}) =>
    doc.text(inLatin(text), { lineGap: 2.5, structParent: root, structType: tag, ...options })
  const plain = (text: string, tag = 'P') => {
    doc.font('Helvetica').fontSize(10.5).fillColor('#000000')
    say(text, tag).moveDown(0.7)
  }
  return {
    heading: (text) => void say(text, 'H1', styled(doc, 'Helvetica-Bold', 17, ink)).moveDown(0.6),
    subheading: (text) => void say(text, 'H2', styled(doc, 'Helvetica-Bold', 12, ink)).moveDown(0.35),
    paragraph: (text) => plain(text),
    steps: (texts) => texts.forEach((text, nth) => plain(`${nth + 1}. ${text}`)),
    small: (text) => void say(text, 'P', styled(doc, 'Helvetica', 9, muted)).moveDown(0.5),
    facts(rows) {
      for (const [term, value] of rows) {
        say(`${term}: `, 'P', { ...styled(doc, 'Helvetica-Bold', 10.5, '#000000'), continued: true })
        doc.font('Helvetica')
        doc.text(inLatin(value)).moveDown(0.15)
      }
      doc.moveDown(0.6)
    },
    code: (label, code) => codeBox(doc, say, label, code),
    address(lines) {
      styled(doc, 'Helvetica', 11, '#000000')
      // A paragraph of its own for each line; a long name goes on below its own beginning.
      doc.text('', mm(95), mm(50))
      for (const line of lines) say(line, 'P', { width: mm(75), lineGap: 1 })
      doc.x = margin
      doc.y = mm(95)
    },
    qr: (url, label) => qrCode(doc, root, url, label),
  }
}

function styled(doc: Doc, font: string, size: number, colour: string): PDFKit.Mixins.TextOptions {
  doc.font(font).fontSize(size).fillColor(colour)
  return {}
}

type Say = (text: string, tag: string, options?: PDFKit.Mixins.TextOptions) => Doc

function codeBox(doc: Doc, say: Say, label: string, code: string): void {
  const [top, width] = [doc.y + 2, doc.page.width - 2 * margin]
  drawn(doc, () => doc.roundedRect(margin, top, width, 62, 4).lineWidth(1.2).strokeColor(ink).stroke())
  doc.y = top + 13
  say(label, 'P', { ...styled(doc, 'Helvetica', 10, muted), align: 'center' })
  doc.y += 4
  say(code, 'P', { ...styled(doc, 'Courier-Bold', 20, '#000000'), align: 'center', characterSpacing: 1 })
  doc.y = top + 64 + 14
}

const qrSize = mm(28)

function qrCode(doc: Doc, root: Root, url: string, label: string): void {
  const { size, data } = qrOf(url, { errorCorrectionLevel: 'M' }).modules
  const [left, top, dot] = [margin, mm(50), qrSize / size]
  const figure = doc.struct('Figure', { alt: inLatin(label) }, () => {
    for (let at = 0; at < data.length; at++)
      if (data[at]) doc.rect(left + (at % size) * dot, top + Math.floor(at / size) * dot, dot, dot)
    doc.fill('#000000')
  })
  root.add(figure)
  figure.end()
}

/** What only adorns: a reader passes it by. */
function drawn(doc: Doc, draw: () => void): void {
  doc.markContent('Artifact', { type: 'Layout' })
  draw()
  doc.endMarkedContent()
}

/** The signs of the built-in fonts beside ASCII and Latin-1 (Windows code page 1252). */
const beyondLatin1 = 'ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™'

/** What those fonts cannot draw loses its accent: Ł is L, ș is s; what is left is a question mark. */
export function inLatin(text: string): string {
  const drawable = (sign: string) => /^[\x20-\x7e\xa0-\xff]$/.test(sign) || beyondLatin1.includes(sign)
  return [...text.normalize('NFC')]
    .map((sign) => {
      if (drawable(sign)) return sign
      const [bare = ''] = alike[sign] ?? sign.normalize('NFD')
      return drawable(bare) ? bare : '?'
    })
    .join('')
}

/** Letters that are no other letter with an accent. */
const alike: Readonly<Record<string, string>> = { Ł: 'L', ł: 'l', Đ: 'D', đ: 'd', İ: 'I', ı: 'i', Ħ: 'H', ħ: 'h' }
