import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildAssets } from '../../src/platform/assets.ts'

const main = 'platform/views/styles/main.scss'

t.test('what was built once is taken from the cache, byte for byte', (t) => {
  const cache = join(t.testdir(), 'assets')
  const first = buildAssets(cache)
  const files = readdirSync(cache).sort()
  const again = buildAssets(cache)
  t.equal(again.url(main), first.url(main))
  t.same(readdirSync(cache).sort(), files)
  const name = first.url(main).split('/').at(-1) ?? ''
  t.same(again.file(name), first.file(name))
  t.end()
})

t.test('what a process wrote in part when it was killed is not taken for the whole by the next', (t) => {
  const cache = join(t.testdir(), 'killed')
  const script = `(await import('./src/platform/assets.ts')).buildAssets(${JSON.stringify(cache)})`
  // A file beyond four blocks of 512 octets kills whoever writes it.
  const command = 'ulimit -f 4; exec "$0" --input-type=module -e "$1"'
  t.equal(spawnSync('sh', ['-c', command, process.execPath, script]).signal, 'SIGXFSZ')
  const whole = buildAssets(join(import.meta.dirname, '..', '..', '.cache', 'assets'))
  const after = buildAssets(cache)
  for (const source of [main, 'app-movil/views/images/icon-512.png']) {
    const name = whole.url(source).split('/').at(-1) ?? ''
    t.equal(after.url(source), whole.url(source))
    t.same(after.file(name), whole.file(name))
  }
  t.end()
})

t.test('a folder that cannot be written is no obstacle', (t) => {
  const cache = t.testdir({ file: 'not a folder' })
  chmodSync(cache, 0o500)
  const assets = buildAssets(join(cache, 'file'))
  t.match(assets.url(main), /^\/assets\/main-/)
  t.end()
})

t.test('an asset that is not there is a mistake of ours, found when the page is made', (t) => {
  t.throws(() => buildAssets(join(t.testdir(), 'assets')).url('platform/views/styles/none.scss'), /no asset/)
  t.end()
})

t.test('scripts reach browsers without their types', (t) => {
  const assets = buildAssets(join(t.testdir(), 'assets'))
  const script = assets.file(assets.url('platform/views/scripts/page.ts').split('/').at(-1) ?? '')
  t.notMatch(script?.plain.toString(), /: HTMLElement|<HTMLElement>/)
  t.end()
})
