import { globSync } from 'node:fs'
import { join } from 'node:path'
import nunjucks from 'nunjucks'
import type { Assets } from '../assets.ts'
import { addComponents, escapeHtml } from './components.ts'
import type { I18n, Locale, TextDetails, TextKey, Translate } from '../i18n.ts'
import { systemRandom } from '../random.ts'
import { ViewLoader, viewOptions } from './loader.ts'
import { makeStencils } from './stencil.ts'

/** One thing wrong with a form: shown in the summary on top and beside its field. */
export interface PageProblem {
  readonly field: string
  readonly text: string
  readonly details?: TextDetails
}

export interface Views {
  /** `template` is a path below src/. The model is what the template names; texts and helpers are added here. */
  render(template: string, locale: Locale, model: object): string
  /**
   * The same for a page that differs from one answer to the next in its blanks (`blank`) only: made once and filled in
   * after. What is no blank is kept in memory, so it must be nothing personal. Answers UTF-8.
   */
  fill(template: string, locale: Locale, model: object): Buffer
}

export interface ViewParts {
  readonly i18n: I18n
  readonly assets: Assets
  /** Told of a template that does more with a blank than print it: its page is made anew each time. */
  readonly onUnfit?: (template: string) => void
}

interface Language {
  readonly environment: nunjucks.Environment
  readonly t: ViewTranslate
}

const src = join(import.meta.dirname, '../..')
const views = import.meta.dirname
const govuk = join(src, '../node_modules/govuk-frontend/dist')
const { SafeString } = nunjucks.runtime

/** Compiles every template of every room at start. */
export function makeViews(parts: ViewParts): Views {
  const names = globSync('**/views/**/*.njk', { cwd: src })
  const languages = { es: makeLanguage(parts, 'es', names), en: makeLanguage(parts, 'en', names) } satisfies Record<
    Locale,
    Language
  >
  const render = (template: string, locale: Locale, model: object): string => {
    const { environment, t } = languages[locale]
    const html = environment.getTemplate(template).render({ errorFor: noError, ...model, ...problemHelper(model, t) })
    return html.replace(notHtml, '\ufffd')
  }
  const mark = systemRandom.token(12)
  const stencils = new Map<string, (model: object) => Buffer>()
  const stencilsOf = (template: string, locale: Locale) =>
    makeStencils({
      mark,
      render: (model) => render(template, locale, model),
      print: (text) => escapeHtml(text).replace(notHtml, '\ufffd'),
      unfit: () => parts.onUnfit?.(template),
    })
  return {
    render,
    fill(template, locale, model) {
      const name = `${locale} ${template}`
      const fill = stencils.get(name) ?? stencilsOf(template, locale)
      stencils.set(name, fill)
      return fill(model)
    },
  }
}

/**
 * Control characters that HTML cannot hold, not even escaped (HTML Living Standard, 13.2.3.5: all but ASCII whitespace).
 * They are taken out of the whole page and not of what forms bring: whatever comes into a page from anywhere (a query, an
 * agency's name, a row of the database) comes through here, and a form's own text reaches the rules as it was typed.
 */
const notHtml = /[\0-\x08\x0b\x0e-\x1f\x7f-\x9f]/g

/**
 * Each language has an environment of its own: so `t` and `locale` are known in components too, which see no page's model.
 */
function makeLanguage(parts: ViewParts, locale: Locale, names: readonly string[]): Language {
  // `views` stands before govuk-frontend: the components that every login needs are written there again, for speed.
  const loader = new ViewLoader([src, views, govuk])
  const environment = new nunjucks.Environment(loader, viewOptions)
  const t = viewTranslator(parts.i18n.translator(locale))
  environment.addGlobal('asset', (source: string) => parts.assets.url(source))
  environment.addGlobal('locale', locale)
  environment.addGlobal('t', t)
  addComponents(environment)
  for (const name of names) environment.getTemplate(name, true)
  return { environment, t }
}

type ViewTranslate = (key: string, details?: TextDetails) => unknown

/** Only a text whose key ends in Html may hold markup; what is filled into it is escaped first. */
function viewTranslator(translate: Translate): ViewTranslate {
  return (key, details) => {
    if (!key.endsWith('Html')) return translate(key as TextKey, details)
    const escaped =
      details && Object.fromEntries(Object.entries(details).map(([name, value]) => [name, escapeHtml(value)]))
    return new SafeString(translate(key as TextKey, escaped))
  }
}

const noError = () => undefined

/** `errorFor('field')` is what a component's `errorMessage` takes: the first problem of that field, if any. */
function problemHelper(model: { readonly problems?: readonly PageProblem[] }, t: ViewTranslate): object {
  const { problems } = model
  if (!problems?.length) return {}
  return {
    errorFor: (field: string) => {
      const problem = problems.find((one) => one.field === field)
      return problem && { text: t(problem.text, problem.details) }
    },
  }
}
