import { connect, type AddressInfo, type Socket } from 'node:net'
import t from 'tap'
import { outcomeIn } from '../../authentication/movil-service.ts'
import { until } from '../../support/until.ts'
import { attackScene, type AttackScene } from './scene.ts'

/** A reader that takes what comes and says nothing. */
function openStream(port: number, path: string, cookie: string): Promise<{ socket: Socket; told: () => string }> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: clave.example\r\ncookie: ${cookie}\r\n\r\n`),
    )
    socket.once('error', reject)
    socket.on('data', (octets: Buffer) => {
      text = (text + octets.toString()).slice(-600)
      if (text.includes('retry:')) resolve({ socket, told: () => text })
    })
  })
}

async function listening(s: AttackScene): Promise<number> {
  await s.app.listen({ port: 0, host: '127.0.0.1' })
  return (s.app.server.address() as AddressInfo).port
}

t.test('stream exhaustion: with a thousand open streams a login still ends, and each stream is told', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const port = await listening(s)
  const opened: Awaited<ReturnType<typeof openStream>>[] = []
  t.teardown(() => opened.forEach(({ socket }) => socket.destroy()))
  /** As many as one login may hold. */
  const openAll = async () => {
    const at = await s.atQr()
    const cookie = [...at.browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const path = `${at.login}/movil/events`
    const streams = await Promise.all(Array.from({ length: 5 }, () => openStream(port, path, cookie)))
    opened.push(...streams)
    return { at, streams, one: () => openStream(port, path, cookie) }
  }
  const logins = []
  while (logins.length < 200) logins.push(await openAll())
  t.equal(s.app.eventStreams.open(), 1_000)

  t.equal((await fetch(`http://127.0.0.1:${port}/app/api/openapi.json`)).status, 200)
  const other = await s.atQr()
  await s.decide(phone, await s.scan(phone, other.page))
  t.match(outcomeIn(await other.browser.submit(`${other.login}/movil`)), { method: 'movil' })

  const { at, streams, one } = logins[7]!
  await s.scan(phone, at.page)
  await until(() => streams.every(({ told }) => told().includes('"scanned"')))
  opened.push(await one())
  await until(() => s.app.eventStreams.open() === 1_000)
  t.pass('a sixth of one login ends its first')
  for (const { socket } of opened) socket.destroy()
  await until(() => s.app.eventStreams.open() === 0)
})

t.test('streams are nobody’s who may not see the login: a stranger opens none', async (t) => {
  const s = await attackScene(t)
  const { login } = await s.atQr()
  t.match(await s.newBrowser().get(`${login}/movil/events`), { status: 403 })
  t.match(await s.open('GET', '/events'), { status: 401 })
  t.equal(s.app.eventStreams.open(), 0)
})

t.test('a stranger who shares the address of a mobile network does not hold the phones there', async (t) => {
  const s = await attackScene(t, { limits: { addressFailures: 2 } })
  const phone = await s.phoneOf()
  const from = '198.51.100.7'
  for (let nth = 0; nth < 30; nth++) await s.open('GET', '/request', undefined, { from, word: 'x.y.z' })
  const held = s.waits.length
  t.ok(held > 20, 'the stranger is held')
  const shown = await s.scan(phone, (await s.atQr()).page, { from })
  t.match(await s.decide(phone, shown, 'approve', { from }), { status: 200 })
  t.equal(s.waits.length, held, 'the phone is not')
})
