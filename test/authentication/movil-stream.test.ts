import t, { type Test } from 'tap'
import { activePhone, decided, right } from './movil-scene.ts'
import { movilService, type Waiting } from './movil-service.ts'

/** The events of a page that waits, as its script reads them. */
async function listen(t: Test, origin: string, { browser, login }: Waiting) {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const answer = await fetch(`${origin}${login}/movil/events`, { headers: { cookie } })
  t.match(answer.headers.get('content-type'), 'text/event-stream')
  const reader = answer.body!.getReader()
  let text = ''
  return {
    /** The standing that the next event tells; undefined: the stream ended. */
    async next(): Promise<unknown> {
      for (;;) {
        const event = /event: news\ndata: (.*)\n\n/.exec(text)
        if (event) {
          text = text.slice(event.index + event[0].length)
          return (JSON.parse(event[1] ?? '') as { standing: unknown }).standing
        }
        const { value, done } = await reader.read()
        if (done) return undefined
        text += Buffer.from(value).toString()
      }
    },
  }
}

t.test('the page is told of the scan and of the approval as they happen, and of what happened before', async (t) => {
  const s = await movilService(t)
  const origin = await s.app.listen({ port: 0, host: '127.0.0.1' })
  const phone = await activePhone(s)
  const waiting = await s.atQr()
  const [one, two] = await Promise.all([listen(t, origin, waiting), listen(t, origin, waiting)])
  const shown = right(await s.scan(phone, waiting.page))
  t.strictSame(await Promise.all([one.next(), two.next()]), ['scanned', 'scanned'], 'in both of its tabs')
  await decided(s, phone, shown, 'approve')
  t.strictSame(await Promise.all([one.next(), two.next()]), ['approved', 'approved'])
  const late = await listen(t, origin, waiting)
  t.equal(await late.next(), 'approved', 'who comes back learns it at once')
  await s.app.close()
  t.equal(await late.next(), undefined, 'a server that stops lets go')
})

t.test('a page hears of its own request only', async (t) => {
  const s = await movilService(t)
  const origin = await s.app.listen({ port: 0, host: '127.0.0.1' })
  const phone = await activePhone(s)
  const mine = await s.atQr()
  const others = await s.atQr()
  const [my, their] = await Promise.all([listen(t, origin, mine), listen(t, origin, others)])
  await decided(s, phone, right(await s.scan(phone, others.page)), 'deny')
  t.match(await their.next(), /scanned|denied/)
  const shown = right(await s.scan(phone, mine.page))
  await decided(s, phone, shown, 'approve')
  for (let told = await my.next(); told !== 'approved'; told = await my.next()) t.equal(told, 'scanned')
})

t.test('a login that went elsewhere has no stream: the page is told to look', async (t) => {
  const s = await movilService(t)
  const { browser, login } = await s.atQr()
  await browser.post(`${login}/choose`, { method: 'permanente' })
  const { body } = await browser.get(`${login}/movil/events`)
  t.strictSame(JSON.parse(body), { moved: true })
})
