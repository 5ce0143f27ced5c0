import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadI18n, type TextKey } from '../../src/platform/i18n.ts'

type Spoken = (key: string, details?: Record<string, string | number>) => string

/** Texts of a test's own, in a folder of its own. */
function textsOf(t: { testdir(): string }, strict: boolean, es: object, en: object) {
  const directory = t.testdir()
  for (const [locale, content] of Object.entries({ es, en })) {
    mkdirSync(join(directory, locale))
    writeFileSync(join(directory, locale, 'room.json'), JSON.stringify(content))
  }
  const i18n = loadI18n({ strict, directory })
  return (locale: 'es' | 'en'): Spoken => {
    const translate = i18n.translator(locale)
    return (key, details) => translate(key as TextKey, details)
  }
}

t.test('details are filled in, wherever and however often they stand', (t) => {
  const speak = textsOf(t, true, { page: { hello: '{{name}}, hola {{ name }}: {{n}}' } }, {})('es')
  t.equal(speak('room:page.hello', { name: 'Ana', n: 0 }), 'Ana, hola Ana: 0')
  t.end()
})

t.test('a count chooses the plural form, where there is one', (t) => {
  const texts = { left: 'algunos', left_one: '{{count}} intento', left_other: '{{count}} intentos', plain: 'x' }
  const speak = textsOf(t, true, texts, {})('es')
  t.equal(speak('room:left', { count: 1 }), '1 intento')
  t.equal(speak('room:left', { count: 0 }), '0 intentos')
  t.equal(speak('room:left', { count: 1_000_000 }), '1000000 intentos', 'Spanish has a third form, for millions')
  t.equal(speak('room:left'), 'algunos')
  t.equal(speak('room:plain', { count: 2 }), 'x')
  t.end()
})

t.test('a missing text or detail throws in tests', (t) => {
  const speak = textsOf(t, true, { a: 'a', b: 'b {{name}}' }, { a: 'a' })
  t.throws(() => speak('en')('room:b', { name: 'x' }), /no text 'room:b' in locales\/en/)
  t.throws(() => speak('es')('room:b'), /needs 'name'/)
  t.end()
})

t.test('in production a missing text is said in Spanish', (t) => {
  const speak = textsOf(t, false, { a: 'a', b: 'b {{name}}' }, { a: 'a' })
  t.equal(speak('en')('room:b', { name: 'x' }), 'b x')
  t.equal(speak('en')('room:b'), 'b ')
  t.equal(speak('en')('room:c'), 'room:c')
  t.end()
})

t.test('a key without a text does not compile', (t) => {
  const translate = loadI18n({ strict: true }).translator('es')
  // @ts-expect-error there is no such text
  t.throws(() => translate('platform:layout.noSuchText'))
  t.end()
})
