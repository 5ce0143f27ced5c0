import type { TestSandbox } from '../support/sandbox.ts'
import { visitor } from './visitor.ts'

/** One row of /sandbox/saml. */
export interface ReadStep {
  readonly verdict: string | undefined
  readonly title: string
  readonly text: string
}

/** What the page /sandbox/saml says of a message. */
export interface ReadMessage {
  readonly status: number | undefined
  readonly body: string
  readonly steps: readonly ReadStep[]
  readonly wrong: readonly ReadStep[]
  readonly notes: readonly ReadStep[]
}

/** Pastes messages there, in English. */
export function samlReader({ url }: Pick<TestSandbox, 'url'>): (message: string) => Promise<ReadMessage> {
  const developer = visitor()
  return async (message) => {
    const page = await developer.open(`${url}/sandbox/saml?lang=en`)
    const { status, body } = await developer.submit(page, { message })
    const rows = [...body.matchAll(/<dt class="govuk-summary-list__key">(.*?)<\/dt>\s*<dd[^>]*>(.*?)<\/dd>/gs)]
    const steps = rows.map(([, title = '', html = '']) => {
      const text = html
        .replace(/<[^>]+>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim()
      const [, verdict] = /clave-verdict--(\w+)/.exec(html) ?? []
      return { verdict, title: title.trim(), text }
    })
    const of = (verdict: string) => steps.filter((step) => step.verdict === verdict)
    return { status, body, steps, wrong: of('bad'), notes: of('note') }
  }
}
