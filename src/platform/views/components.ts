import nunjucks from 'nunjucks'

const { SafeString } = nunjucks.runtime

// Those of nunjucks: what is filled in must not differ from what a template prints.
const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\\': '&#92;',
}
export const escapeHtml = (value: unknown): string =>
  String(value).replace(/[&<>"'\\]/g, (sign) => escapes[sign] ?? sign)

/** The components written again in views/govuk, each with its macro. Templates use them without importing anything. */
const components = {
  button: 'govukButton',
  details: 'govukDetails',
  input: 'govukInput',
  'inset-text': 'govukInsetText',
  'password-input': 'govukPasswordInput',
  radios: 'govukRadios',
  'warning-text': 'govukWarningText',
}

/** Makes the components known in every template. */
export function addComponents(environment: nunjucks.Environment): void {
  environment.addGlobal('attributes', attributes)
  environment.addGlobal('words', words)
  for (const [name, macro] of Object.entries(components)) {
    const template = environment.getTemplate(`govuk/components/${name}/macro.njk`, true) as unknown as Exporting
    template.getExported((error, exported) => {
      if (error) throw error
      environment.addGlobal(macro, exported[macro])
      // A template that imports it all the same gets this one: an import runs the component's file again for each page,
      // which takes longer than the component itself.
      template.getExported = (...given) => (given.at(-1) as Exported)(null, exported)
    })
  }
}

type Exported = (error: Error | null, exported: Record<string, unknown>) => void

/** Nunjucks' own way to what a template exports, which its types leave out; called with context and frame, or without. */
interface Exporting {
  getExported: (...given: [...unknown[], Exported]) => void
}

/** ` name="value"` for each. */
function attributes(list: Record<string, unknown> | undefined): unknown {
  if (!list) return ''
  return new SafeString(
    Object.entries(list)
      .map(([name, value]) => ` ${escapeHtml(name)}="${escapeHtml(value)}"`)
      .join(''),
  )
}

/** What a component says: `html` as it is, or `text`, which is escaped where it is printed. */
function words(said: { readonly html?: string; readonly text?: string }): unknown {
  return said.html ? new SafeString(String(said.html).trim()) : said.text
}
