import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { statement } from '../../src/platform/index.ts'
import { askLetter } from '../../src/registration/letter/ask-letter.ts'
import { checkCsv } from '../../src/registration/letter/check-csv.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { mortalScene, type MortalScene } from './mortal-scene.ts'
import { printer } from './printer.ts'

t.setTimeout(180_000)

const job = fileURLToPath(new URL('letter-job.ts', import.meta.url))

interface Point {
  readonly nth: number
  readonly where: 'before' | 'after' | 'file'
}

/** Runs the job in a process that dies there; answers the signal that ended it. */
async function runJob(s: MortalScene, { nth, where }: Point = { nth: 0, where: 'before' }): Promise<unknown> {
  const ahead = s.clock.now().getTime() - s.clock.wire().getTime()
  const told = [s.url, s.press.directory, nth, where, ahead].map(String)
  const child = spawn(process.execPath, [job, ...told], { stdio: ['ignore', 'inherit', 'inherit'] })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return signal ?? code
}

/** The same in every run. Each letter of a batch takes some four statements and one file, the manifest one more. */
const seed = 20261122
function points(): readonly Point[] {
  const random = seededRandom(seed)
  const statements = Array.from({ length: 6 }, (_, nth) => ({
    nth: 1 + random.below(12),
    where: nth % 2 === 0 ? ('before' as const) : ('after' as const),
  }))
  return [...statements, ...[1, 3].map((nth) => ({ nth, where: 'file' as const }))]
}

const documentOf = statement<{ document: string }>('test.document-of', 'select document from letter where id = $1')
const doubled = statement(
  'test.doubled',
  `select data ->> 'letter' as letter from audit_event where kind = 'letter-made' group by 1 having count(*) > 1`,
)

t.test('the letter job, killed by SIGKILL at any point: each letter is printed once and none is lost', async (t) => {
  const s = await mortalScene(t)
  const print = printer(s.press)
  const asked: string[] = []
  for (const [at, point] of points().entries()) {
    for (const nth of [1, 2]) {
      const { document } = await s.somebody(10 * at + nth)
      await askLetter({ ...s.parts, lettersMade: 'at-once' }, document, 'es', {})
      asked.push(document)
    }
    t.equal(await runJob(s, point), 'SIGKILL', `${point.where} ${point.nth}`)
    await print.look()
  }
  t.equal(await runJob(s), 0, 'and one that lives goes on where they were')
  await print.look()
  const documents = []
  for (const { file, csv } of print.printed) {
    const { document = '' } = (await s.db.row(documentOf, [file.slice(0, 36)])) ?? {}
    documents.push(document)
    t.type(await checkCsv(s.parts, document, csv.replaceAll(' ', '')), 'string', 'each has the CSV that counts')
  }
  t.same(documents.toSorted(), asked.toSorted(), 'each letter once')
  t.same(await s.db.rows(doubled), [])
  for (const batch of print.manifests.keys()) await print.answer(batch)
  for (const nth of [5, 8]) t.equal(await runJob(s, { nth, where: 'after' }), 'SIGKILL')
  t.equal(await runJob(s), 0)
  t.same(await readdir(s.press.directory), [], 'what the printer has is gone, half-written files as well')
  t.same(await s.auditFaults(), [])
})
