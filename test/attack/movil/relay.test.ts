import t from 'tap'
import { other } from '../../authentication/movil-scene.ts'
import { outcomeIn, codeIn, tokenIn } from '../../authentication/movil-service.ts'
import { attackScene, shownIn } from './scene.ts'

const victims = '198.51.100.7'
const place = ({ body }: { readonly body: Record<string, unknown> }) => body['place'] as Record<string, unknown>

t.test('a stale QR: what the attacker sent on is worth nothing a minute later', async (t) => {
  const s = await attackScene(t)
  const victim = await s.phoneOf()
  const { page } = await s.atQr()
  s.clock.advance(61)
  t.match(await s.scan(victim, page), { status: 410, refused: 'MOVIL-06-qr-old' })
})

t.test(
  "the attacker's QR in the victim's phone: who asks, from which other network, and a code that is not the victim's",
  async (t) => {
    const s = await attackScene(t)
    const victim = await s.phoneOf()
    const own = await s.atQr()
    const relayed = await s.atQr()
    const shown = await s.scan(victim, relayed.page, { from: victims })
    t.equal(shown.status, 200)
    t.match(shown.body, { agency: 'Agencia Tributaria', path: 'qr', host: 'clave.example' })
    t.match(place(shown), { address: '127.0.0.1', elsewhere: true }, 'the app warns')
    t.equal(shownIn(shown).code, codeIn(relayed.page))
    t.not(shownIn(shown).code, codeIn(own.page), 'what the victim sees before them is another code')
  },
)

t.test(
  'the warning is of the two networks: neither the browser’s cookie in another hand nor a header takes it away',
  async (t) => {
    const s = await attackScene(t)
    const victim = await s.phoneOf()
    const { page } = await s.atQr()
    const others = await s.atQr()
    const how = { from: victims, browser: others.browser }
    const shown = await s.scan(victim, page, how)
    t.match(shown.body, { path: 'qr' }, 'the cookie of another browser is not this one')
    t.match(place(shown), { elsewhere: true })
  },
)

t.test('the same path is one only in the very browser that logs in', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const { browser, login, page } = await s.atQr()
  const shown = await s.scan(phone, page, { browser })
  t.match(shown.body, { path: 'same' })
  const decided = await s.decide(phone, shown)
  t.match(decided, { status: 200, body: { back: login } })
  const relayed = await s.scan(phone, (await s.atQr()).page)
  t.equal((await s.decide(phone, relayed)).body['back'], undefined, 'nobody is led to another’s login')
})

t.test('an approval is for the browser that began the login: no other learns of it, and none finishes', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const { browser, login, page } = await s.atQr()
  await s.decide(phone, await s.scan(phone, page))
  const thief = (await s.atQr()).browser
  for (const path of ['', '/movil', '/movil/news', '/movil/events', '/movil/request'])
    t.match(await thief.get(`${login}${path}`), { status: 403, location: undefined }, path)
  t.match(await thief.post(`${login}/movil`), { status: 403 })
  t.match(await s.newBrowser().get(`${login}/movil/news`), { status: 403 }, 'nor one without a cookie')
  t.match(outcomeIn(await browser.submit(`${login}/movil`)), { method: 'movil', level: 'substantial' })
})

t.test('a QR is one phone’s: who photographs it after the owner scanned gets nothing', async (t) => {
  const s = await attackScene(t)
  const owner = await s.phoneOf()
  const { page } = await s.atQr()
  const shown = await s.scan(owner, page)
  const thief = await s.phoneOf(other)
  t.match(await s.scan(thief, page), { status: 409, refused: 'MOVIL-07-taken' })
  t.match(await s.decide(thief, shown), { status: 410, refused: 'MOVIL-01-gone' })
})

t.test('a QR cannot be made: not of its parts, not of another login’s, not of a later time', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const one = tokenIn((await s.atQr()).page).split('.')
  const two = tokenIn((await s.atQr()).page).split('.')
  const later = (Number.parseInt(one[1] ?? '', 36) + 1).toString(36)
  for (const token of [
    [one[0], two[1], two[2]],
    [two[0], one[1], one[2]],
    [one[0], later, one[2]],
    [one[0], one[1], (one[2] ?? '').replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))],
    [one[0], one[1], ''],
    [],
  ])
    t.match(await s.scan(phone, token.join('.')), { status: 410, refused: 'MOVIL-06-qr-old' }, token.join('.'))
})
