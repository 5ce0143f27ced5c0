import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { isRefusal } from '../../../src/refusal/index.ts'
import { kinds, makeGenuine, post } from './attack.ts'
import { loadCorpus, receive } from './corpus.ts'
import type { CorpusLine } from './run-corpus.ts'

const script = fileURLToPath(new URL('run-corpus.ts', import.meta.url))

t.test('every attack of the corpus is refused with its code, in a heap of 256 MB', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=256', script], {
    maxBuffer: 64 * 1024 * 1024,
  })
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as CorpusLine)
  const corpus = await loadCorpus()
  t.equal(lines.length, corpus.length, 'every case was reached')
  t.ok(corpus.length > 300)
  for (const line of lines) {
    t.equal(line.refused, line.expected, `${line.name}: ${line.reason}`)
    t.match(line.reason, /^[A-Z][^\n]{5,600}\.$/, `${line.name}: the reason is one sentence`)
    // Far above what any takes (a bench tells that), and far below what an unbounded one would.
    t.ok(line.milliseconds < 500, `${line.name}: took ${line.milliseconds} ms`)
  }
})

t.test('names of cases are unique', async (t) => {
  const names = (await loadCorpus()).map(({ name }) => name)
  t.strictSame(
    names.filter((name, at) => names.indexOf(name) !== at),
    [],
  )
})

t.test('the genuine messages that the attacks are made from are accepted', async (t) => {
  const now = new Date()
  const genuine = makeGenuine(now)
  for (const kind of kinds) {
    const verified = receive(post(genuine.signed[kind]), genuine, now)
    t.notOk(isRefusal(verified), `${kind} ${JSON.stringify(verified)}`)
  }
})
