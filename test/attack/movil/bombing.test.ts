import t from 'tap'
import { newsOf } from '../../authentication/movil-service.ts'
import { makePushDevice } from '../../../src/sandbox/push-reading.ts'
import { attackScene, typing } from './scene.ts'

t.test('push bombing: the fourth request in ten minutes is refused, and nothing is pushed', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  for (let nth = 1; nth <= 3; nth++) t.match((await s.byDocument()).page.at, /\/movil\/request$/)
  const laid = await s.laid()
  const fourth = await s.byDocument()
  t.match(fourth.page, { status: 429 })
  t.match(fourth.page.at, /\/movil\/document\?said=/)
  t.equal(await s.laid(), laid, 'no message was laid')
  s.clock.advance(601)
  t.match((await s.byDocument()).page.at, /\/movil\/request$/, 'later again')
  t.match(await s.call(phone, 'GET', '/request'), { status: 200 })
})

t.test('push bombing from many browsers at once: three', async (t) => {
  const s = await attackScene(t)
  await s.phoneOf()
  const laid = await s.laid()
  const pages = await Promise.all(Array.from({ length: 12 }, () => s.byDocument()))
  t.equal(pages.filter(({ page }) => page.at.endsWith('/movil/request')).length, 3)
  t.equal((await s.laid()) - laid, 3)
})

t.test('one request waits at a time: a newer one takes the place, and the older cannot be approved', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const first = await s.byDocument()
  const shown = await s.call(phone, 'GET', '/request')
  const second = await s.byDocument()
  t.match(await s.decide(phone, shown, 'approve', typing(first.page)), { status: 410, refused: 'MOVIL-01-gone' })
  t.match(await newsOf(first, 'movil/request'), { standing: 'gone' })
  const pending = await s.call(phone, 'GET', '/request')
  t.not(pending.body['id'], shown.body['id'])
  t.match(await s.decide(phone, pending, 'approve', typing(second.page)), { status: 200 })
})

t.test('after two denials in a row nothing reaches the phone but what it scans; the page tells nobody', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  await s.call(phone, 'PUT', '/subscription', {
    endpoint: 'https://push.example/1',
    keys: (({ p256dh, auth }) => ({ p256dh, auth }))(makePushDevice(s.parts.random)),
  })
  for (let nth = 1; nth <= 2; nth++) {
    await s.byDocument()
    t.match(await s.decide(phone, await s.call(phone, 'GET', '/request'), 'deny'), { status: 200 })
  }
  t.match((await s.call(phone, 'GET', '/phone')).body, { mustScan: true })
  s.clock.advance(601)
  const third = await s.byDocument()
  t.match(third.page.at, /\/movil\/request$/, 'the page looks as ever')
  t.equal(s.pushes.at(-1)?.to, undefined, 'nothing is pushed')
  t.match(await s.call(phone, 'GET', '/request'), { status: 204 })
  const shown = await s.scan(phone, (await s.atQr()).page)
  t.match(await s.decide(phone, shown), { status: 200 })
  t.match((await s.call(phone, 'GET', '/phone')).body, { mustScan: false }, 'until an approval')
})

t.test('three wrong codes kill a request: the code cannot be guessed in the phone', async (t) => {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const { page } = await s.byDocument()
  const shown = await s.call(phone, 'GET', '/request')
  const right = typing(page).claims.code
  const wrong = (nth: number) => String((Number(right) + nth) % 1_000_000).padStart(6, '0')
  const tries = await Promise.all(
    Array.from({ length: 10 }, (_, nth) => s.decide(phone, shown, 'approve', { claims: { code: wrong(nth + 1) } })),
  )
  t.ok(tries.every(({ status }) => status >= 400))
  t.match(await s.decide(phone, shown, 'approve', typing(page)), { status: 410, refused: 'MOVIL-01-gone' })
})
