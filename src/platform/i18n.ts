import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type platform from '../../locales/es/platform.json'
import type refusal from '../../locales/es/refusal.json'

export const locales = ['es', 'en'] as const
export type Locale = (typeof locales)[number]

/**
 * The texts there are: one member a file of locales/es. A room adds its own file where it uses it, so that a key without
 * a text does not compile:
 * `declare module '<path>/platform/i18n.ts' { interface Texts { pin: typeof pin } }`.
 */
export interface Texts {
  platform: typeof platform
  refusal: typeof refusal
}

type WithoutPlural<Key extends string> = Key extends `${infer Stem}_${'one' | 'other'}` ? Stem : Key
type Paths<T> = {
  [Key in keyof T & string]: T[Key] extends string ? WithoutPlural<Key> : `${Key}.${Paths<T[Key]>}`
}[keyof T & string]

/** `file:path.to.text` */
export type TextKey = { [File in keyof Texts & string]: `${File}:${Paths<Texts[File]>}` }[keyof Texts & string]

export type TextDetails = Readonly<Record<string, string | number>>

/**
 * Answers the text in one language. `{{name}}` is filled in from the details; `count` among them chooses between the
 * plural forms `…_one` and `…_other` where there are any (the format is i18next's, JSON v4).
 */
export type Translate = (key: TextKey, details?: TextDetails) => string

export interface I18n {
  translator(locale: Locale): Translate
}

export interface I18nOptions {
  /** Throw where a text or a detail is missing (tests, development) instead of falling back to Spanish (production). */
  readonly strict: boolean
  /** Folder with one folder a language, holding one JSON file a room. */
  readonly directory?: string
}

/** A text cut at what is filled in: even places are said as they are, odd ones name a detail. */
type Pieces = readonly string[]
type Language = ReadonlyMap<string, Pieces>

const localesDirectory = join(import.meta.dirname, '../../locales')

/** Reads every text once, at start. */
export function loadI18n(options: I18nOptions): I18n {
  const directory = options.directory ?? localesDirectory
  const texts = { es: readLanguage(join(directory, 'es')), en: readLanguage(join(directory, 'en')) }
  const speak = (locale: Locale) => translate(locale, texts[locale], options.strict ? undefined : texts.es)
  const translators = { es: speak('es'), en: speak('en') } satisfies Record<Locale, Translate>
  return { translator: (locale) => translators[locale] }
}

function readLanguage(directory: string): Language {
  const files = readdirSync(directory).filter((name) => name.endsWith('.json'))
  return new Map(
    files.flatMap((name) => {
      const content = JSON.parse(readFileSync(join(directory, name), 'utf8')) as object
      return leaves(content, `${name.slice(0, -'.json'.length)}:`)
    }),
  )
}

function leaves(node: object, path: string): [string, Pieces][] {
  return Object.entries(node).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? leaves(value, `${path}${name}.`)
      : [[path + name, String(value).split(/\{\{\s*(\w+)\s*\}\}/)]],
  )
}

/** Without a `fallback` a missing text or detail throws. */
function translate(locale: Locale, texts: Language, fallback: Language | undefined): Translate {
  const plurals = new Intl.PluralRules(locale)
  const find = (language: Language, key: string, count: unknown): Pieces | undefined =>
    typeof count === 'number'
      ? (language.get(`${key}_${plurals.select(count)}`) ?? language.get(`${key}_other`) ?? language.get(key))
      : language.get(key)
  return (key, details) => {
    const count = details?.['count']
    const pieces = find(texts, key, count) ?? (fallback && find(fallback, key, count))
    if (!pieces) {
      if (!fallback) throw new Error(`no text '${key}' in locales/${locale}`)
      return key
    }
    return pieces.length === 1 ? (pieces[0] ?? '') : fill(key, pieces, details, !fallback)
  }
}

function fill(key: string, pieces: Pieces, details: TextDetails | undefined, strict: boolean): string {
  let text = pieces[0] ?? ''
  for (let place = 1; place < pieces.length; place += 2) {
    const name = pieces[place] ?? ''
    const value = details?.[name]
    if (value === undefined && strict) throw new Error(`the text '${key}' needs '${name}'`)
    text += String(value ?? '') + (pieces[place + 1] ?? '')
  }
  return text
}
