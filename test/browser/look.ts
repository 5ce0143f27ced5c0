import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { axe } from '../support/chromium.ts'

/**
 * What holds of every page in every state, ours and the agencies': axe finds nothing, the browser complains of nothing,
 * and nothing is wider than a screen of 320 pixels, which is also a screen of 1280 at a zoom of 400 % (WCAG 1.4.10).
 * Of ours: the title is the heading, begins with "Error:" exactly where something is wrong, and names one page only.
 */
export async function look(t: Test, page: Page, complaints: () => readonly string[]): Promise<void> {
  const seen = await readPage(page)
  const name = `${seen.title} (${new URL(page.url()).pathname})`
  t.strictSame(await axe(page), [], `axe finds nothing: ${name}`)
  t.strictSame(complaints(), [], `the browser complains of nothing: ${name}`)
  t.equal(await overflow(page), 0, `fits into 320 pixels: ${name}`)
  if (seen.ours) t.strictSame(faultsOf(seen), [], `heading, title and focus: ${name}`)
}

interface Seen {
  readonly ours: boolean
  readonly title: string
  readonly headings: readonly string[]
  readonly wrong: boolean
  readonly summaryHasFocus: boolean
  /** The refusal that the page is about; else its path without the login's id. */
  readonly page: string
}

function readPage(page: Page): Promise<Seen> {
  return page.evaluate(() => {
    const summary = document.querySelector('.govuk-error-summary')
    const [, code] = document.querySelectorAll('.clave-incident__number')
    return {
      ours: document.querySelector('.clave-header') !== null,
      title: document.title,
      headings: [...document.querySelectorAll('h1')].map((heading) => heading.textContent?.trim() ?? ''),
      wrong: summary !== null,
      summaryHasFocus: summary !== null && document.activeElement === summary,
      page: code?.textContent ?? location.pathname.replace(/^\/(login\/[^/]+|permanente\/[\w-]{22})/, ''),
    }
  })
}

/** Which page has a title, over all tests of a file. */
const pageOf = new Map<string, string>()

function faultsOf({ headings, title, wrong, summaryHasFocus, page }: Seen): string[] {
  const [heading = ''] = headings
  const expected = `${wrong ? 'Error: ' : ''}${heading} – Cl@ve`
  const other = pageOf.get(heading) ?? page
  pageOf.set(heading, page)
  return [
    ...(headings.length === 1 ? [] : [`${headings.length} headings of the first rank`]),
    ...(title === expected ? [] : [`the title is "${title}" and not "${expected}"`]),
    ...(wrong && !summaryHasFocus ? ['the summary of problems has not the focus'] : []),
    ...(other === page ? [] : [`the title is also that of ${other}`]),
  ]
}

/** By how many pixels the page is wider than a small screen. */
async function overflow(page: Page): Promise<number> {
  const size = page.viewportSize()
  await page.setViewportSize({ width: 320, height: 256 })
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  if (size) await page.setViewportSize(size)
  return over
}
