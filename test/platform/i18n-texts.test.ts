import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { locales } from '../../src/platform/i18n.ts'
import { refusals } from '../../src/refusal/index.ts'

const root = join(import.meta.dirname, '../..')
const files = readdirSync(join(root, 'locales/es')).filter((name) => name.endsWith('.json'))
const rooms = files.map((name) => name.slice(0, -'.json'.length))

function leaves(node: object, path: string): [string, string][] {
  return Object.entries(node).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? leaves(value, `${path}${name}.`)
      : [[path + name, String(value)] as [string, string]],
  )
}

const textsOf = (locale: string) =>
  new Map(
    readdirSync(join(root, 'locales', locale)).flatMap((name) =>
      leaves(JSON.parse(readFileSync(join(root, 'locales', locale, name), 'utf8')) as object, `${name.slice(0, -5)}:`),
    ),
  )
const texts = Object.fromEntries(locales.map((locale) => [locale, textsOf(locale)]))
const spanish = texts['es'] ?? new Map<string, string>()
const stem = (key: string) => key.replace(/_(one|many|other)$/, '')
const stems = new Set([...spanish.keys()].map(stem))

t.test('every language has the same texts', (t) => {
  for (const locale of locales) {
    const keys = new Set([...(texts[locale] ?? [])].map(([key]) => stem(key)))
    t.strictSame([...keys].sort(), [...stems].sort(), locale)
  }
  t.end()
})

t.test('every text fills in the same details in every language', (t) => {
  const detailsOf = (locale: string, key: string) => {
    const forms = [...(texts[locale] ?? [])].filter(([one]) => stem(one) === key)
    const names = forms.flatMap(([, text]) => [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name]) => name))
    return [...new Set(names)].sort()
  }
  for (const key of stems)
    for (const locale of locales) t.strictSame(detailsOf(locale, key), detailsOf('es', key), `${locale} ${key}`)
  t.end()
})

t.test('a plural has the forms one and other', (t) => {
  for (const locale of locales)
    for (const key of texts[locale]?.keys() ?? [])
      if (/_(one|other)$/.test(key))
        for (const form of ['one', 'other'])
          t.ok(texts[locale]?.has(`${stem(key)}_${form}`), `${locale} ${stem(key)}_${form}`)
  t.end()
})

t.test('no text is empty, has stray spaces, or holds markup unless its key ends in Html', (t) => {
  for (const locale of locales)
    for (const [key, text] of texts[locale] ?? []) {
      t.equal(text, text.trim().replace(/ {2,}/g, ' '), `${locale} ${key}`)
      t.not(text, '', `${locale} ${key}`)
      if (!key.endsWith('Html')) t.notMatch(text, /<|&\w+;/, `${locale} ${key}`)
    }
  t.end()
})

t.test('every refusal has its texts, and there is none for others', (t) => {
  const codes = new Set(
    [...stems].filter((key) => key.startsWith('refusal:')).map((key) => key.slice(8, key.indexOf('.'))),
  )
  t.strictSame([...codes].sort(), Object.keys(refusals).sort())
  for (const code of codes)
    for (const part of ['title', 'body', 'remedy']) t.ok(stems.has(`refusal:${code}.${part}`), code)
  t.end()
})

interface Use {
  readonly where: string
  readonly said: string
  readonly keys: RegExp
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/**
 * The keys in code or in a template, with `…` for what is put together while running. The name of a group of texts stands
 * for all of it: `t(text + '.title')`.
 */
function usesIn(where: string): Use[] {
  const source = readFileSync(join(root, 'src', where), 'utf8')
  const begins = `(?:${rooms.join('|')}):`
  const word = '[\\w.]+(?:\\([\\w., ]*\\))?'
  const found = [
    ...source.matchAll(new RegExp(`(t\\()?'(${begins}[^'\\s]*)'((?:\\s*[+~]\\s*(?:'[^'\\n]*'|${word}))*)`, 'g')),
    ...source.matchAll(new RegExp(`(t\\()?\`(${begins}[^\`\\s]*)\`()`, 'g')),
  ]
  return found.flatMap(([, spoken, first = '', rest = '']) => {
    const pieces = [...rest.matchAll(new RegExp(`'([^']*)'|${word}`, 'g'))].map(([, text]) => text ?? '…')
    const said = [first, ...pieces].join('').replace(/\$\{[^}]*\}/g, '…')
    // 'pin:' + id and 'oidc:code:' + id name something else: an entry of the store, a rate window.
    if (said.split(':').length > 2 || (!spoken && /^\w+:…?$/.test(said))) return []
    return { where, said, keys: new RegExp(`^${literal(said).replaceAll('…', '[\\w.-]+')}(\\..+)?$`) }
  })
}

const uses = globSync('**/*.{ts,njk}', { cwd: join(root, 'src') }).flatMap(usesIn)

t.test('every text that code and templates use exists', (t) => {
  for (const { where, said, keys } of uses)
    t.ok(
      [...stems].some((key) => keys.test(key)),
      `${where}: ${said}`,
    )
  t.end()
})

t.test('every text is used', (t) => {
  for (const key of stems)
    t.ok(
      uses.some(({ keys }) => keys.test(key)),
      key,
    )
  t.end()
})
