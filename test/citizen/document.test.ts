import t from 'tap'
import { checkLetter, parseDocument } from '../../src/citizen/document.ts'

const letters = 'TRWAGMYFPDXBNJZSQVHLCKE'

/** A fixed sequence that looks random (Lehmer), so that a failure can be repeated. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

t.test('the check letter is TRWAGMYFPDXBNJZSQVHLCKE[n mod 23]; X, Y, Z of a NIE count as 0, 1, 2', async (t) => {
  for (const document of ['12345678Z', '00000000T', '00000001R', 'X0000000T', 'X1234567L', 'Y1234567X', 'Z1234567R']) {
    t.same(parseDocument(document), { document, kind: /^\d/.test(document) ? 'dni' : 'nie' })
  }
})

t.test('of all letters only the right one passes, and the fault of the others is the letter', async (t) => {
  const pick = numbers(7)
  for (let round = 0; round < 200; round++) {
    const body = ['', 'X', 'Y', 'Z'][pick(4)] ?? ''
    const number = body + String(pick(body ? 10_000_000 : 100_000_000)).padStart(body ? 7 : 8, '0')
    for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
      const right = letters.includes(letter) && letter === checkLetter(number)
      const expected = right ? { document: number + letter, kind: body ? 'nie' : 'dni' } : { wrong: 'letter' }
      t.same(parseDocument(number + letter), expected, number + letter)
    }
  }
})

t.test('what people type between and around the characters changes nothing', async (t) => {
  const pick = numbers(11)
  const between = ['', ' ', '-', '.', '·', '‐', '–', '—', '−', '\u00a0', '\u200b', '\t', ' - ', '－', '．', '\u00ad']
  for (let round = 0; round < 300; round++) {
    const body = ['', 'X', 'Y', 'Z'][pick(4)] ?? ''
    const number = body + String(pick(body ? 10_000_000 : 100_000_000)).padStart(body ? 7 : 8, '0')
    const document = number + checkLetter(number)
    const typed = [...document].map((character) => {
      const shape = pick(3)
      const shaped = shape === 0 ? character.toLowerCase() : shape === 1 ? fullWidth(character) : character
      return (between[pick(between.length)] ?? '') + shaped
    })
    t.same(
      parseDocument(`${typed.join('')} `),
      { document, kind: body ? 'nie' : 'dni' },
      JSON.stringify(typed.join('')),
    )
  }
})

const fullWidth = (character: string): string => String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0)

t.test('missing leading zeros are filled in, of a NIE too', async (t) => {
  t.same(parseDocument('1R'), { document: '00000001R', kind: 'dni' })
  t.same(parseDocument('5.678-a'), parseDocument('00005678A'))
  for (const number of [1, 45, 999, 123_456]) {
    for (const initial of ['X', 'Y', 'Z']) {
      const body = initial + String(number).padStart(7, '0')
      const expected = { document: body + checkLetter(body), kind: 'nie' }
      t.same(parseDocument(initial + String(number) + checkLetter(body)), expected)
    }
  }
})

t.test('no single wrong digit and no two digits swapped pass unnoticed', async (t) => {
  const document = '54362315K'
  t.match(parseDocument(document), { kind: 'dni' })
  for (let place = 0; place < 8; place++) {
    for (const digit of '0123456789') {
      if (digit === document[place]) continue
      const typo = document.slice(0, place) + digit + document.slice(place + 1)
      t.same(parseDocument(typo), { wrong: 'letter' }, typo)
    }
    const swapped =
      document.slice(0, place) + document.charAt(place + 1) + document.charAt(place) + document.slice(place + 2)
    if (place < 7 && swapped !== document) t.same(parseDocument(swapped), { wrong: 'letter' }, swapped)
  }
})

t.test('what is no DNI or NIE is told from a wrong letter', async (t) => {
  t.same(parseDocument(''), { wrong: 'empty' })
  t.same(parseDocument(' - . '), { wrong: 'empty' })
  const noDocuments = [
    '99999999',
    'R',
    'RR',
    '999999999R',
    'X99999999J',
    'XJ',
    'W1234567L',
    '99999999RR',
    '9999O999R',
    'B00000000',
    '12345678Ñ',
    '٩٩٩٩٩٩٩٩R',
    '99999999R; drop',
  ]
  for (const text of noDocuments) t.same(parseDocument(text), { wrong: 'form' }, text)
})
