import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { openRound, tokenOf } from '../../src/authentication/movil/round.ts'
import { leaveRequest } from '../../src/authentication/movil/leave-request.ts'
import type { ShownToPhone } from '../../src/sandbox/phone/words.ts'
import { asked, carmen, other } from '../authentication/movil-scene.ts'
import { loginWith } from '../authentication/scene.ts'
import type { TestPhone } from '../support/phone.ts'
import { until } from '../support/until.ts'
import { apiScene, phoneOf, type ApiScene } from './api-scene.ts'

interface Listening {
  readonly status: number
  readonly headers: Headers
  /** The next event's name; undefined: the stream has ended. */
  next(): Promise<string | undefined>
  leave(): void
}

/** The interface before real sockets. */
async function served(t: Test): Promise<ApiScene & { listen(phone: TestPhone, word?: string): Promise<Listening> }> {
  const s = await apiScene(t)
  // The client opens connections ahead of need, and Node takes one on which nothing was asked yet for busy.
  t.teardown(() => s.app.server.closeAllConnections())
  await s.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = s.app.server.address() as AddressInfo
  const path = '/app/api/events'
  return {
    ...s,
    async listen(phone, word = phone.call({ method: 'GET', path })) {
      const control = new AbortController()
      t.teardown(() => control.abort())
      const headers = { authorization: `Clave-Movil ${word}` }
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers, signal: control.signal })
      const events = eventsOf(answer)
      const next = async () => (await events.next()).value
      return { status: answer.status, headers: answer.headers, next, leave: () => control.abort() }
    },
  }
}

async function* eventsOf(answer: Response): AsyncGenerator<string, undefined> {
  let rest = ''
  for await (const text of answer.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const [, event] = /^event: (.*)$/m.exec(block) ?? []
      if (event !== undefined) yield event
    }
  }
  return undefined
}

const pending = (s: ApiScene, phone: TestPhone) => s.call(phone, 'GET', '/request')

t.test('a phone that listens hears at once of what waits, and of each change', async (t) => {
  const s = await served(t)
  const phone = await phoneOf(s)
  const theirs = await phoneOf(s, other)
  const login = loginWith()
  await asked(s, login)
  const stream = await s.listen(phone)
  t.equal(stream.status, 200)
  t.match(stream.headers.get('content-type'), /^text\/event-stream/)
  t.match(stream.headers.get('cache-control'), /no-store/)
  t.equal(await stream.next(), 'request', 'it waited before')
  const { body } = await pending(s, phone)
  s.clock.advance(1)
  await leaveRequest(s.parts, login, String(body['id']))
  t.equal(await stream.next(), 'request', 'the login was cancelled')
  t.equal((await pending(s, phone)).status, 204)
  const their = await s.listen(theirs)
  await asked(s, loginWith(), other)
  t.equal(await their.next(), 'request')
  s.clock.advance(1)
  await asked(s, loginWith())
  t.equal(await stream.next(), 'request', 'the next login; of the other phone it heard nothing')
  const shown = (await pending(s, phone)).body as unknown as ShownToPhone
  const jws = phone.decide(shown, 'deny')
  s.clock.advance(1)
  t.equal((await s.call(phone, 'POST', '/request/decide', { request: shown.id, jws })).status, 200)
  t.equal(await stream.next(), 'request', 'decided')
  s.clock.advance(1)
  const token = tokenOf(s.parts, await openRound(s.parts, loginWith()))
  await s.call(phone, 'POST', '/request/scan', { token })
  t.equal(await stream.next(), 'request', 'scanned')
  t.same(s.failures, [])
})

t.test('a phone that is ended hears so, wherever it happened, and its stream ends', async (t) => {
  const s = await served(t)
  const phone = await phoneOf(s)
  const stream = await s.listen(phone)
  await phoneOf(s)
  t.equal(await stream.next(), 'ended', 'another took its place')
  t.equal(await stream.next(), undefined)
  t.equal((await s.listen(phone)).status, 401)
})

t.test('a phone listens in one place: the newer takes the place of the older', async (t) => {
  const s = await served(t)
  const phone = await phoneOf(s)
  const older = await s.listen(phone)
  const newer = await s.listen(phone)
  t.equal(await older.next(), 'replaced')
  t.equal(await older.next(), undefined)
  await asked(s, loginWith())
  t.equal(await newer.next(), 'request')
  await until(() => s.app.eventStreams.open() === 1)
  newer.leave()
  await until(() => s.app.eventStreams.open() === 0)
  const again = await s.listen(phone)
  t.equal(await again.next(), 'request', 'who comes back hears again of what waits')
})

t.test('a stream is signed for, as every call', async (t) => {
  const s = await served(t)
  const phone = await phoneOf(s)
  t.equal((await s.listen(phone, 'x.y.z')).status, 401)
  t.equal((await s.listen(phone, phone.call({ method: 'GET', path: '/app/api/request' }))).status, 401)
  t.equal(s.app.eventStreams.open(), 0)
})

t.test('of too many the next is told to ask instead', async (t) => {
  const s = await served(t)
  const phone = await phoneOf(s)
  const others = []
  for (;;) {
    const one = { beat: () => {}, close: () => {} }
    if (!s.app.eventStreams.add(one, String(others.length))) break
    others.push(one)
  }
  const refused = await s.listen(phone)
  t.equal(refused.status, 503)
  t.ok(refused.headers.get('retry-after'))
  for (const [nth, one] of others.entries()) s.app.eventStreams.remove(one, String(nth))
  const stream = await s.listen(phone)
  t.equal(stream.status, 200)
  await asked(s, loginWith())
  t.equal(await stream.next(), 'request')
})

t.test('a server that stops ends its streams and does not wait for them', async (t) => {
  const s = await served(t)
  const streams = [await s.listen(await phoneOf(s, carmen)), await s.listen(await phoneOf(s, other))]
  const closed = s.app.close()
  for (const stream of streams) t.equal(await stream.next(), undefined)
  s.app.server.closeAllConnections()
  await closed
  t.same(s.failures, [])
})
