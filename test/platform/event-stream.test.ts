import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { closeServer, openEventStream, type EventStream } from '../../src/platform/index.ts'
import { httpApp } from './http-app.ts'
import { until } from '../support/until.ts'

/** A server with one stream, and what the server holds of those that are open. */
async function streaming(t: Test, mostStreams?: number) {
  const app = httpApp(t, mostStreams === undefined ? {} : { mostStreams })
  const open: EventStream[] = []
  let ended = 0
  app.get<{ Querystring: { of?: string } }>('/events', { config: { api: true } }, async (request, reply) => {
    const stream = openEventStream(request, reply, request.query.of ?? String(open.length))
    if (!stream) return reply
    open.push(stream)
    stream.onClose(() => (ended += 1))
    return reply
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, url, open, ended: () => ended }
}

/** Reads a stream until it has said this. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, words: string): Promise<string> {
  let text = ''
  while (!text.includes(words)) {
    const { value, done } = await reader.read()
    if (done) return text
    text += Buffer.from(value).toString()
  }
  return text
}

t.test('an event reaches the reader as HTML says, with the headers of every answer', async (t) => {
  const { url, open, app } = await streaming(t)
  const answer = await fetch(`${url}/events`)
  t.equal(answer.status, 200)
  t.match(answer.headers.get('content-type'), 'text/event-stream')
  t.equal(answer.headers.get('cache-control'), 'no-store')
  t.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  t.ok(answer.headers.get('content-security-policy'))
  const reader = answer.body!.getReader()
  t.match(await readUntil(reader, '\n\n'), /^retry: \d{4}\n\n$/)
  open[0]?.send('news', { standing: 'approved' })
  t.equal(await readUntil(reader, '\n\n'), 'event: news\ndata: {"standing":"approved"}\n\n')
  t.equal(app.eventStreams.open(), 1)
  open[0]?.close()
  t.equal((await reader.read()).done, true)
  await until(() => app.eventStreams.open() === 0)
})

t.test('a reader that leaves is forgotten; what is sent to it later does no harm', async (t) => {
  const { url, open, app, ended } = await streaming(t)
  const leaving = new AbortController()
  const answer = await fetch(`${url}/events`, { signal: leaving.signal })
  t.equal(answer.status, 200)
  leaving.abort()
  await until(() => app.eventStreams.open() === 0)
  t.equal(ended(), 1)
  open[0]?.send('news')
  open[0]?.close()
  let late = 0
  open[0]?.onClose(() => (late += 1))
  t.equal(late, 1, 'who asks later is told at once')
})

t.test(
  'more streams than there may be are refused with 503 and may come again; those that are open stay',
  async (t) => {
    const { url, app, open } = await streaming(t, 2)
    const readers = await Promise.all([fetch(`${url}/events`), fetch(`${url}/events`)])
    const refused = await fetch(`${url}/events`)
    t.equal(refused.status, 503)
    t.equal(refused.headers.get('retry-after'), '10')
    t.match(refused.headers.get('content-type'), 'problem+json')
    t.equal(app.eventStreams.open(), 2)
    await readers[0]?.body?.cancel()
    await until(() => app.eventStreams.open() === 1)
    t.equal((await fetch(`${url}/events`)).status, 200)
    for (const stream of open) stream.close()
  },
)

t.test('one login holds five streams at most, so that it cannot take those of the others', async (t) => {
  const { url, app } = await streaming(t, 6)
  const mine = await Promise.all(Array.from({ length: 5 }, () => fetch(`${url}/events?of=mine`)))
  const another = await fetch(`${url}/events?of=another`)
  t.equal(app.eventStreams.open(), 6)
  const sixth = await fetch(`${url}/events?of=mine`)
  t.strictSame([another.status, sixth.status], [200, 200])
  await until(() => app.eventStreams.open() === 6)
  const ended = await Promise.race(mine.map(async (answer) => (await answer.text()) !== ''))
  t.ok(ended, 'the oldest has ended')
})

t.test('a reader that takes nothing is let go before it costs memory', async (t) => {
  const { url, app, open } = await streaming(t)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.pause()
  socket.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n')
  await until(() => open.length === 1)
  const much = 'x'.repeat(512 * 1024)
  for (let sent = 0; sent < 40; sent++) open[0]?.send('news', much)
  await until(() => app.eventStreams.open() === 0)
  socket.destroy()
})

t.test('a server that stops ends its streams at once, and need not wait for their readers', async (t) => {
  const { url, app } = await streaming(t)
  const answer = await fetch(`${url}/events`)
  const reader = answer.body!.getReader()
  await readUntil(reader, '\n\n')
  const closed = once(app.server, 'close')
  // Of ten minutes that a request may take none is used.
  await closeServer(app, 600_000)
  await closed
  t.equal((await reader.read()).done, true)
})
