import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import nunjucks from 'nunjucks'
import t from 'tap'
import { addComponents } from '../../src/platform/views/components.ts'

const root = join(import.meta.dirname, '../..')
const components = join(root, 'node_modules/govuk-frontend/dist/govuk/components')
const texts: Record<string, string> = {
  'platform:field.error': 'Error',
  'platform:field.warning': 'Warning',
}

const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader(join(root, 'src/platform/views')), {
  autoescape: true,
  trimBlocks: true,
  lstripBlocks: true,
})
environment.addGlobal('t', (key: string) => texts[key] ?? key)
addComponents(environment)

interface Fixture {
  readonly name: string
  readonly options: Record<string, unknown>
  readonly html: string
}

const fixtures = (component: string) =>
  (JSON.parse(readFileSync(join(components, component, 'fixtures.json'), 'utf8')) as { fixtures: Fixture[] }).fixtures

/** One way of writing the same HTML: no white space beside tags, attributes in order. */
function canonical(html: string): string {
  return html
    .replace(/\s+/g, ' ')
    .replace(/<([a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*(\/?)>/g, (_tag, name: string, list: string) => {
      const attributes = list.match(/[\w:-]+(?:="[^"]*")?/g) ?? []
      const tidy = attributes.map((one) => one.replace(/\s+/g, ' ')).sort()
      return `<${[name, ...tidy].join(' ')}>`
    })
    .replace(/\s*(<[^>]*>)\s*/g, '$1')
    .replace(/&#39;/g, "'")
    .trim()
}

/** What ours leave out on purpose: no page of ours uses it, and each test of it costs every page. */
const leftOut: Record<string, RegExp> = {
  input: /attributes.*optional|translate/,
  radios: /before|after/i,
  'password-input': /translat|after|before|value|disabled|button/i,
}

const ours = {
  button: 'govukButton',
  input: 'govukInput',
  radios: 'govukRadios',
  'inset-text': 'govukInsetText',
  'warning-text': 'govukWarningText',
  details: 'govukDetails',
}

for (const [component, macro] of Object.entries(ours)) {
  t.test(`our ${component} writes the HTML of govuk-frontend`, (t) => {
    const template = `{{ ${macro}(options) }}`
    for (const { name, options, html } of fixtures(component)) {
      if (leftOut[component]?.test(name)) continue
      t.equal(canonical(environment.renderString(template, { options })), canonical(html), name)
    }
    t.end()
  })
}
