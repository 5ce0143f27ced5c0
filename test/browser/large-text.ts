import type { Page } from 'playwright-core'
import type { Test } from 'tap'

/** Small phones, in CSS pixels. */
const widths = [320, 375] as const

/** How large a citizen reads: in the browser's settings, which the widths of styles know of, or by a style of their own. */
const sizes = [
  { name: 'text at 100 %', browser: 16, own: '' },
  { name: 'text at 200 % in the browser’s settings', browser: 32, own: '' },
  { name: 'text at 200 % by a style', browser: 16, own: '200%' },
] as const

/** No page is wider than a small phone's window, however large its text (WCAG 1.4.4, 1.4.10); leaves the page as it was. */
export async function fitsAtAnySize(t: Test, page: Page): Promise<void> {
  const before = page.viewportSize()
  // Not detached: with it would go the phone's unlock, which belongs to another.
  const session = await page.context().newCDPSession(page)
  const wide: string[] = []
  for (const width of widths)
    for (const { name, browser, own } of sizes) {
      await page.setViewportSize({ width, height: 640 })
      await session.send('Page.setFontSizes', { fontSizes: { standard: browser } })
      const found = await measure(page, own)
      if (found.width > width) wide.push(`${width} pixels, ${name}: ${found.width} (${found.past.join(', ')})`)
    }
  await session.send('Page.setFontSizes', { fontSizes: { standard: 16 } })
  await measure(page, '')
  if (before) await page.setViewportSize(before)
  t.strictSame(wide, [], `no wider than its window: ${new URL(page.url()).pathname}`)
}

/** How wide the page is, and what reaches past its window. */
function measure(page: Page, own: string): Promise<{ readonly width: number; readonly past: readonly string[] }> {
  return page.evaluate((own) => {
    document.documentElement.style.fontSize = own
    const { clientWidth, scrollWidth } = document.documentElement
    const shown = [...document.querySelectorAll('body *:not(.govuk-visually-hidden, .govuk-skip-link)')]
    const past = shown.filter(
      (one) =>
        one.getBoundingClientRect().right > clientWidth || one.scrollWidth > Math.max(clientWidth, one.clientWidth),
    )
    const leaves = past.filter((one) => !past.some((other) => other !== one && one.contains(other)))
    const says = (one: Element) =>
      `${one.tagName} ${one.className.toString()} ${(one.textContent ?? '').trim().slice(0, 40)}`
    return { width: scrollWidth, past: leaves.slice(0, 5).map(says) }
  }, own)
}
