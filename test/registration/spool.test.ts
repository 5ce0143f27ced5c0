import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { statement } from '../../src/platform/index.ts'
import { makeLetters, readAcknowledgements, registrationSweeps } from '../../src/registration/index.ts'
import { askLetter } from '../../src/registration/letter/ask-letter.ts'
import { sha256 } from '../../src/registration/letter/spool.ts'
import { askAll, checkPrinted, printer } from './printer.ts'
import { eventsOf, scene } from './scene.ts'

const rows = statement<{ document: string; made: boolean }>(
  'test.made',
  `select document, made_at is not null as made from letter where used_at is null and killed_at is null order by document`,
)

t.test(
  'the letters that are due lie encrypted in the spool, under a manifest of count, hashes, batch and date',
  async (t) => {
    const s = await scene(t)
    await askAll(s)
    const print = printer(s.press)
    await makeLetters(s.press)
    await print.look()
    await checkPrinted(
      t,
      s,
      print.printed.map(({ csv }) => csv),
    )
    const [[batch = '', text = ''] = []] = print.manifests
    t.match(JSON.parse(text), { batch, count: 4, date: s.clock.now().toISOString() })
    for (const file of await readdir(join(s.press.directory, batch))) {
      const content = await readFile(join(s.press.directory, batch, file), 'utf8')
      t.notMatch(content, '%PDF')
      for (const word of ['NEREA', '99999995C', 'Bilbao']) t.notMatch(content, word)
    }
    t.equal((await eventsOf(s)).filter(({ kind }) => kind === 'letter-made').length, 4)
  },
)

t.test('only the digest of a CSV stays with us', async (t) => {
  const s = await scene(t)
  await askAll(s)
  await makeLetters(s.press)
  const print = printer(s.press)
  await print.look()
  const whole = statement<{ row: string }>('test.whole', 'select row_to_json(letter)::text as row from letter')
  const stored = (await s.db.rows(whole)).map(({ row }) => row).join()
  for (const { csv } of print.printed) t.notMatch(stored, csv.replaceAll(' ', ''))
})

t.test('a run that finds nothing to do leaves nothing behind', async (t) => {
  const s = await scene(t)
  await makeLetters(s.press)
  await makeLetters(s.press)
  t.same(await readdir(s.press.directory), [])
})

t.test('the files go when the printer has acknowledged what it was given, and nothing else', async (t) => {
  const s = await scene(t)
  await askAll(s)
  await makeLetters(s.press)
  const print = printer(s.press)
  await print.look()
  const [batch = ''] = [...print.manifests.keys()]
  const stays = async (name: string) => {
    await readAcknowledgements(s.press)
    t.ok((await readdir(s.press.directory)).includes(batch), name)
  }
  await stays('no answer')
  await writeFile(join(s.press.directory, `${batch}.ack.json`), 'not JSON')
  await stays('no JSON')
  await writeFile(join(s.press.directory, `${batch}.ack.json`), 'null')
  await stays('null')
  await writeFile(join(s.press.directory, `${batch}.ack.json`), ' '.repeat(10_000))
  await stays('too large')
  await print.answer(batch, { sha256: sha256('another manifest') })
  await stays('another manifest')
  await print.answer(batch, { count: 3 })
  await stays('another count')
  await print.answer(batch)
  await readAcknowledgements(s.press)
  t.same(await readdir(s.press.directory), [])
  await makeLetters(s.press)
  t.same(await readdir(s.press.directory), [], 'and nothing is made again')
})

t.test('two workers at once make each letter once', async (t) => {
  const s = await scene(t)
  await askAll(s)
  const print = printer(s.press)
  await Promise.all([makeLetters(s.press), makeLetters(s.press), makeLetters(s.press)])
  await makeLetters(s.press)
  await print.look()
  await checkPrinted(
    t,
    s,
    print.printed.map(({ csv }) => csv),
  )
})

t.test('while the register is silent letters wait; when it answers they are made', async (t) => {
  const s = await scene(t)
  await askAll(s)
  const real = s.register
  s.register = { ask: async () => 'silent' }
  await makeLetters(s.press)
  const print = printer(s.press)
  await print.look()
  t.same(print.printed, [])
  t.ok((await s.db.rows(rows)).every(({ made }) => !made))
  s.register = real
  await makeLetters(s.press)
  await print.look()
  await checkPrinted(
    t,
    s,
    print.printed.map(({ csv }) => csv),
  )
})

t.test('who died, or has no domicile any more, gets no letter', async (t) => {
  const s = await scene(t)
  await askAll(s)
  const real = s.register
  s.register = {
    ask: async (document, ms) => {
      const found = await real.ask(document, ms)
      if (!found || found === 'silent') return found
      return {
        ...found,
        deceased: document === '99999995C',
        domicile: document === 'Z9999999H' ? undefined : found.domicile,
      }
    },
  }
  await makeLetters(s.press)
  const print = printer(s.press)
  await print.look()
  t.equal(print.printed.length, 2)
  const killed = (await eventsOf(s)).filter(
    ({ kind, data }) => kind === 'letter-killed' && data['why'] === 'undeliverable',
  )
  t.equal(killed.length, 2)
})

t.test('a letter asked for anew before the older one was made is made once, and only the new one', async (t) => {
  const s = await scene(t)
  await askLetter(s.parts, '99999995C', 'es', {})
  await askLetter(s.parts, '99999995C', 'es', {})
  s.clock.advance(24 * 3600)
  await makeLetters(s.press)
  const print = printer(s.press)
  await print.look()
  t.equal(print.printed.length, 1)
})

t.test('a letter still unused after 30 days is reminded of once, where an address is known', async (t) => {
  const s = await scene(t)
  await askAll(s)
  await makeLetters(s.press)
  const sweep = (name: string) =>
    registrationSweeps({ ...s.press, messages: s.parts.messages }).find((one) => one.name === name)
  await sweep('remind-letters')?.run()
  t.same(s.emails, [])
  s.clock.advance(30 * 86_400)
  await sweep('remind-letters')?.run()
  await sweep('remind-letters')?.run()
  t.same(s.emails.map(({ to, text }) => [to, text.kind]).sort(), [
    ['99999994l@citizens.example', 'letter-reminder'],
    ['99999995c@citizens.example', 'letter-reminder'],
  ])
  s.clock.advance(31 * 86_400)
  await sweep('sweep-letters')?.run()
  t.equal((await eventsOf(s)).filter(({ data }) => data['why'] === 'expired').length, 4, 'and then its time is over')
})
