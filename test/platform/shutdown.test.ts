import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import path from 'node:path'
import t, { type Test } from 'tap'

const script = path.join(import.meta.dirname, 'slow-server.ts')

/** `patience`: milliseconds that requests under way may take. */
async function start(t: Test, patience: number) {
  const child = fork(script, [String(patience)], { silent: true })
  t.teardown(() => child.kill('SIGKILL'))
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  let said = ''
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return { child, origin: `http://127.0.0.1:${port}`, said: () => said }
}

/** Resolves when the child has written this. */
async function heard(child: ChildProcess, text: string): Promise<void> {
  for await (const chunk of child.stdout?.iterator({ destroyOnReturn: false }) ?? [])
    if (String(chunk).includes(text)) return
}

/** Resolves when nobody accepts there any more. */
async function refused(url: string): Promise<void> {
  while (
    await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
  )
    await new Promise(setImmediate)
}

t.test('SIGTERM: not ready, then no more accepting, then what runs is finished, then pools, then exit 0', async (t) => {
  const { child, origin, said } = await start(t, 60_000)
  const slow = fetch(`${origin}/slow`)
  await heard(child, 'slow began')
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await heard(child, '"stopping"')
  const ready = await fetch(`${origin}/health/ready`)
  t.equal(ready.status, 503)
  t.match(await ready.json(), { status: 'stopping' })
  child.send('drained')
  await refused(`${origin}/health/live`)
  child.send('finish')
  t.equal(await (await slow).text(), 'finished')
  t.strictSame(await exit, [0, null])
  t.match(said(), /pools closed/)
  t.match(said(), /"stopped"/)
})

t.test('SIGINT does the same, and a request that never ends is cut off', async (t) => {
  const { child, origin, said } = await start(t, 100)
  const endless = t.rejects(fetch(`${origin}/endless`))
  await heard(child, 'endless began')
  const exit = once(child, 'exit')
  child.kill('SIGINT')
  await heard(child, '"stopping"')
  child.send('drained')
  t.strictSame(await exit, [0, null])
  await endless
  t.match(said(), /pools closed/)
})

t.test('a connection that a browser opened ahead of need and never used does not hold up the stop', async (t) => {
  const { child, origin } = await start(t, 60_000)
  const unused = connect(Number(new URL(origin).port), '127.0.0.1')
  t.teardown(() => unused.destroy())
  await once(unused, 'connect')
  // The server has accepted it: it accepts in the order of coming, and has answered the next one.
  await fetch(`${origin}/health/live`)
  const [exit, closed] = [once(child, 'exit'), once(unused, 'close')]
  child.kill('SIGTERM')
  await heard(child, '"stopping"')
  child.send('drained')
  t.strictSame(await exit, [0, null], 'else the stop would have been cut short')
  await closed
})

t.test('an error that nobody caught ends the process in order, with 1', async (t) => {
  const { child, origin, said } = await start(t, 60_000)
  const exit = once(child, 'exit')
  await fetch(`${origin}/crash`)
  await heard(child, 'nobody caught')
  child.send('drained')
  t.strictSame(await exit, [1, null])
  t.match(said(), /pools closed/)
  t.notMatch(said(), /nobody catches this/)
})
