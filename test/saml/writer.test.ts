import { DOMParser } from '@xmldom/xmldom'
import { XmlDocument } from 'libxml2-wasm'
import t from 'tap'
import { ExclusiveCanonicalization } from 'xml-crypto'
import { element, leaf, text } from '../../src/saml/writer.ts'
import { canonical } from './outgoing.ts'

/** What has bitten writers of XML before, and ranges of everything. */
const pieces = [
  ...[
    ']]>',
    '<',
    '>',
    '&',
    '&amp;',
    '&#13;',
    '<!--',
    '-->',
    '<![CDATA[',
    '<?pi?>',
    '"',
    "'",
    '\t',
    '\n',
    '\r',
    '\r\n',
    ' ',
  ],
  ...['\u0000', '\u0001', '\u000B', '\u001F', '\u007F', '\u0085', '\u009F', '\u00A0', '\u2028', '\uFEFF', '\uFFFD'],
  ...['\uFFFE', '\uFFFF', '\uD800', '\uDFFF', '\uDC00\uD800', '😀', '\u{10FFFF}', '\u{1FFFE}', '\uD7FF', '\uE000'],
  ...['אבג', 'مرحبا', '\u202E', '\u0301', 'Ñ', 'CAL·LÍS', "O'DONNELL-NÚÑEZ", 'abc', ''],
]

/** mulberry32: the same values in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function* values(seed: number, count: number): Generator<string> {
  yield* pieces
  const next = seeded(seed)
  const below = (limit: number) => Math.floor(next() * limit)
  for (let i = 0; i < count; i++)
    yield Array.from({ length: below(8) }, () =>
      next() < 0.7 ? pieces[below(pieces.length)]! : String.fromCodePoint(below(0x110000)),
    ).join('')
}

/** What a reader must get: the value itself, but for what XML 1.0 cannot hold (production 2) and the line ends of XML 1.1. */
const expected = (value: string): string =>
  Array.from(value, (character) => {
    if (character === '\u0085' || character === '\u2028') return '\n'
    const code = character.codePointAt(0)!
    const isChar =
      code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd)
    return isChar || code >= 0x10000 ? character : '\uFFFD'
  }).join('')

const written = (value: string): string =>
  element('a', { xmlns: 'urn:a', one: value, two: undefined }, leaf('b', {}, value), text(value))

/** U+FFFD in a document only makes xmldom wonder. */
const errorHandler = (level: string, message: string) => {
  if (level !== 'warning') throw new Error(message)
}
const parser = new DOMParser({ errorHandler })

t.test('what is written, libxml2 reads as the same value', async (t) => {
  for (const any of values(1, 3_000)) {
    // The binding takes a U+FEFF at the start of what it answers for a byte order mark.
    const value = any.replace(/^\uFEFF+/, '')
    const document = XmlDocument.fromString(written(value))
    const { attrs, firstChild } = document.root
    const read = [attrs.find(({ name }) => name === 'one')?.content, firstChild?.content, document.root.content]
    document.dispose()
    const fit = expected(value)
    if (read[0] !== fit || read[1] !== fit || read[2] !== fit + fit) t.fail(JSON.stringify({ value, read }))
  }
  t.pass()
})

t.test('what is written, xmldom reads as the same value', async (t) => {
  for (const value of values(2, 3_000)) {
    const root = parser.parseFromString(written(value), 'text/xml').documentElement!
    const read = [root.getAttribute('one'), root.firstChild?.textContent, root.textContent]
    const fit = expected(value)
    if (read[0] !== fit || (read[1] ?? '') !== fit || read[2] !== fit + fit) t.fail(JSON.stringify({ value, read }))
  }
  t.pass()
})

t.test('what is written is already canonical, says libxml2 and says xml-crypto', async (t) => {
  const other = new ExclusiveCanonicalization()
  for (const value of values(3, 3_000)) {
    const xml = written(value)
    if (canonical(xml, []) !== xml) t.fail(JSON.stringify({ by: 'libxml2', value, xml }))
    const root = parser.parseFromString(xml, 'text/xml').documentElement!
    if (other.process(root as unknown as globalThis.Element, {}) !== xml)
      t.fail(JSON.stringify({ by: 'xml-crypto', value, xml }))
  }
  t.pass()
})

t.test('an element without content has both its tags, one with undefined attributes has none of them', async (t) => {
  t.equal(element('a', { b: undefined, c: '' }), '<a c=""></a>')
})
