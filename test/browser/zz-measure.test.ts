import t from 'tap'
import { AxeBuilder } from '@axe-core/playwright'
import { closeBrowser, axe } from '../support/chromium.ts'
import { testSandbox } from '../support/sandbox.ts'
import { journey } from './journey.ts'
t.setTimeout(240_000)
t.teardown(closeBrowser)
let last = performance.now()
const lap = (name: string) => { const now = performance.now(); console.error(name, Math.round(now - last)); last = performance.now() }
const sandbox = await testSandbox(t)
lap('start')
t.test('x', async (t) => {
  const c = await journey(t, sandbox); lap('journey')
  await c.begin('aeat'); await c.choose('pin'); lap('begin')
  for (let i = 0; i < 4; i++) {
  await axe(c.page); lap('axe')
  await new AxeBuilder({ page: c.page }).setLegacyMode(true).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).options({ resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).analyze(); lap('axe violations only')
  await c.page.evaluate(new AxeBuilder({ page: c.page })['source' as never] as string); lap('inject')
  await c.page.evaluate(async () => (window as any).axe.run({ resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })); lap('run')
  await c.page.setViewportSize({ width: 320, height: 256 }); await c.page.setViewportSize({ width: 1280, height: 800 }); lap('resize')
  await c.page.title(); lap('title')
  }
})
