import t from 'tap'
import { makePushDevice } from '../../../src/sandbox/push-reading.ts'
import { typedContrast } from '../../../src/sandbox/catalogue.ts'
import { carmen, other } from '../../authentication/movil-scene.ts'
import { newsOf } from '../../authentication/movil-service.ts'
import { citizen } from '../../authentication/scene.ts'
import type { Answered } from '../../login/test-browser.ts'
import { attackScene, type AttackScene } from './scene.ts'

/** Selects that are sent at the same time: which of them gets a connection first is chance. */
const atOnce = new Set(['citizen.by-document', 'known-browser.standing'])

function work({ trace }: AttackScene): readonly string[] {
  // Who watches asks by the clock, whoever is asked for.
  const done = trace.filter((name) => name !== 'movil-request.changed')
  return [...done.filter((name) => atOnce.has(name)).toSorted(), ...done.filter((name) => !atOnce.has(name))]
}

/** What stays of a page without what is another at each login. */
const alike = ({ body, at, status }: Answered) => ({
  status,
  body: body
    .replaceAll(at.split('/')[2] ?? '', 'L')
    .replace(/\d{3} \d{3}/, 'C')
    .replace(/(nonce|value|content)="[^"]*"|said=[\w-]*/g, ''),
})

async function typed(s: AttackScene, document: string, contrast: string) {
  const { browser, login } = await s.atQr()
  await browser.submit(`${login}/movil`, { action: 'document' })
  s.trace.length = 0
  const page = await browser.submit(`${login}/movil/document`, { document, contrast })
  return { browser, login, first: page, page, work: work(s) }
}

async function subscribe(s: AttackScene, who = carmen) {
  const phone = await s.phoneOf(who)
  const { p256dh, auth } = makePushDevice(s.parts.random)
  await s.call(phone, 'PUT', '/subscription', { endpoint: 'https://push.example/1', keys: { p256dh, auth } })
  return phone
}

t.test(
  'enumeration by the document path: a wrong contrast is answered alike, with the same work, whoever has it',
  async (t) => {
    const s = await attackScene(t)
    await subscribe(s)
    const documents = {
      ...{ unknown: '11111111H', unregistered: '99999995C', deceased: '99999992V', renounced: '99999990S' },
      ...{ 'with a phone': carmen.document, 'without one': other.document },
    }
    const answers = new Map<string, object>()
    for (const [kind, document] of Object.entries(documents)) {
      const { page, work } = await typed(s, document, '01/02/2033')
      const body = alike(page).body.replaceAll(document, 'D')
      answers.set(kind, { status: page.status, body, work })
    }
    for (const [kind, answer] of answers) t.same(answer, answers.get('unknown'), kind)
    t.equal(s.pushes.length, 0)
  },
)

t.test(
  'with the right contrast, nothing tells whether there is a phone, one that must scan, or none: page, news, work',
  async (t) => {
    const s = await attackScene(t)
    const phone = await subscribe(s)
    const basic = citizen('99999998T')
    const must = await subscribe(s, basic)
    for (let nth = 0; nth < 2; nth++) await s.decide(must, await s.scan(must, (await s.atQr()).page), 'deny')
    const asked = {
      'with a phone': await typed(s, carmen.document, typedContrast(carmen)),
      'without one': await typed(s, other.document, typedContrast(other)),
      'one that must scan': await typed(s, basic.document, typedContrast(basic)),
    }
    const first = asked['with a phone']
    t.match(first.page.at, /\/movil\/request$/)
    t.match(await s.call(phone, 'GET', '/request'), { status: 200 })
    for (const [kind, one] of Object.entries(asked)) {
      t.same(alike(one.page), alike(first.page), kind)
      t.same(one.work, first.work, kind)
      t.same(await newsOf(one, 'movil/request'), await newsOf(first, 'movil/request'), kind)
    }
  },
)

t.test('guessing logins and requests: what is not there and what is another’s is told alike by no page', async (t) => {
  const s = await attackScene(t)
  const { login } = await s.atQr()
  const stranger = s.newBrowser()
  for (const path of ['/movil', '/movil/news', '/movil/events']) {
    const theirs = await stranger.get(`${login}${path}`)
    t.match(theirs, { status: 403, location: undefined }, path)
    t.notMatch(theirs.body, /\/app\/scan#|clave-code/, 'nothing of the login')
    const none = await stranger.get(`${login.slice(0, -1)}x${path}`)
    t.ok(none.status >= 400, path)
    t.notMatch(none.body, /Error:|at \w+ \(|node_modules/, 'nothing of the server')
  }
})
