import t from 'tap'
import { refusals, type RefusalCode } from '../../src/refusal/index.ts'
import { testSandbox } from '../support/sandbox.ts'
import { registerParty, type Party } from './party.ts'
import { visitor, type Visitor } from './visitor.ts'

const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

const next = (wish: object) => sandbox.api<{ id: string; field?: string }>('next-login', wish)

/** What the agency was told instead of who it is. */
async function errorOf(party: Party, wishes?: Record<string, string>, by?: Visitor) {
  const { arrived } = await party.send(wishes, by)
  const { error, error_description: description } = Object.fromEntries(arrived.at.searchParams)
  return { error, description }
}

const told = (code: RefusalCode) => refusals[code].oidc

/** Goes to a demo agency with plain HTTP; what it then says of its visitor. */
async function loginAt(agency: string, by = visitor()) {
  await by.open(`${sandbox.agenciesUrl}/${agency}/login`)
  return by.json<Record<string, unknown>>(`${sandbox.agenciesUrl}/${agency}/session`)
}

t.test('at each demo agency, with each method, a login completes by redirects alone', async (t) => {
  const amr = { movil: ['hwk', 'user'], pin: ['otp', 'sms'], permanente: ['pwd', 'otp', 'sms'] }
  for (const agency of ['aeat', 'dgt']) {
    for (const method of ['movil', 'pin', 'permanente'] as const) {
      const { status, body } = await next({ citizen: '99999999R', method, rp: agency })
      t.equal(status, 200)
      t.match(body.id, /^[\w-]+$/)
      t.match(await loginAt(agency), {
        authenticated: true,
        method,
        level: 'substantial',
        person: { document: '99999999R' },
        claims: { amr: amr[method], acr: 'http://eidas.europa.eu/LoA/substantial' },
      })
    }
  }
  t.strictSame(await sandbox.messages(), [], 'no SMS is needed')
})

t.test('the rules hold: level, block, renuncia, death, age, registration, phone', async (t) => {
  const low = await registerParty(sandbox)
  const substantial = await registerParty(sandbox, { level: 'substantial' })
  await next({ citizen: '99999998T', method: 'pin', rp: low.id })
  t.match(await low.identify(), { claims: { acr: 'http://eidas.europa.eu/LoA/low' } }, 'basic reaches low')
  const refused: readonly (readonly [Party, string, string, RefusalCode])[] = [
    [substantial, '99999998T', 'pin', 'LEVEL-01-registration-too-low'],
    [substantial, '99999998T', 'permanente', 'LEVEL-01-registration-too-low'],
    [low, '99999991Q', 'permanente', 'PERMANENTE-02-blocked'],
    [low, 'X9999999J', 'permanente', 'PERMANENTE-04-not-active'],
    [low, '99999990S', 'pin', 'CITIZEN-04-renounced'],
    [low, '99999992V', 'pin', 'CITIZEN-05-deceased'],
    [low, 'Z9999999H', 'pin', 'CITIZEN-03-not-registered'],
    [low, '99999993H', 'pin', 'CITIZEN-06-minor'],
    [low, '99999987N', 'pin', 'PIN-04-no-phone'],
    [low, '99999998T', 'movil', 'MOVIL-10-device-unknown'],
    [low, '99999990S', 'movil', 'CITIZEN-04-renounced'],
    [low, 'Z9999999H', 'movil', 'CITIZEN-03-not-registered'],
  ]
  for (const [party, citizen, method, code] of refused) {
    await next({ citizen, method, rp: party.id })
    t.match(await errorOf(party), told(code), `${citizen} ${code}`)
  }
  await next({ citizen: '99999999R', method: 'pin', rp: 'interior' })
  t.match(await loginAt('interior'), { authenticated: false, error: 'unmet_authentication_requirements' })
})

t.test('each refusal of the catalogue can be asked for, and is told as docs/errors.md says', async (t) => {
  const party = await registerParty(sandbox)
  for (const code of Object.keys(refusals) as RefusalCode[]) {
    await next({ outcome: code, rp: party.id })
    t.match(await errorOf(party), told(code), code)
  }
})

t.test('a password past its two years is refused', async (t) => {
  const party = await registerParty(sandbox)
  await sandbox.advance('P731D')
  await next({ citizen: '99999999R', method: 'permanente', rp: party.id })
  t.match(await errorOf(party), told('PERMANENTE-03-expired'))
})

t.test('one login is pending for each relying party and one for any: the first request takes it', async (t) => {
  const [one, other] = [await registerParty(sandbox), await registerParty(sandbox)]
  await next({ citizen: '99999999R', method: 'pin', rp: one.id })
  await next({ citizen: 'X9999999J', method: 'pin' })
  t.match(await other.identify(), { person: { document: 'X9999999J' } })
  t.match(await one.identify(), { person: { document: '99999999R' } })
  t.match((await one.send()).arrived.at.pathname, /\/choose$/, 'it is used up')
  await next({ citizen: '99999999R', method: 'pin', rp: one.id })
  await next({ citizen: '99999998T', method: 'pin', rp: one.id })
  t.match(await one.identify(), { person: { document: '99999998T' } }, 'a new call replaces it')
  t.match((await one.send()).arrived.status, 200)
})

t.test('tests that run at the same time do not disturb each other: each has its relying party', async (t) => {
  const citizens = ['99999999R', '99999998T', 'X9999999J', 'Y9999999G', '99999988J', '99999997E']
  const documents = await Promise.all(
    citizens.map(async (citizen) => {
      const party = await registerParty(sandbox)
      await next({ citizen, method: 'pin', rp: party.id })
      return (await party.identify()).person['document']
    }),
  )
  t.strictSame(documents, citizens)
})

t.test('what is pending is listed until it is taken, replaced, cancelled or lapses', async (t) => {
  const party = await registerParty(sandbox)
  const pending = async () => (await sandbox.api<Record<string, unknown>[]>('next-login')).body
  const cancel = (id: string) => sandbox.api<{ title: string } | undefined>(`next-login/${id}`, {}, 'DELETE')
  t.strictSame(await pending(), [])
  const { body: first } = await next({ citizen: '99999999r', method: 'pin', rp: party.id })
  const until = new Date(sandbox.clock.now().getTime() + 300_000)
  await sandbox.advance('PT1M')
  const { body: second } = await next({ outcome: 'CITIZEN-04-renounced' })
  const [one, other, ...more] = await pending()
  t.match(one, { id: first.id, rp: party.id, citizen: '99999999R', method: 'pin', until: String })
  t.ok(Math.abs(Date.parse(String(one?.['until'])) - until.getTime()) < 5_000, 'by the clock of the sandbox')
  t.match(other, { id: second.id, outcome: 'CITIZEN-04-renounced' })
  t.notHas(other, { rp: String })
  t.strictSame(more, [])

  const { body: third } = await next({ outcome: 'CITIZEN-05-deceased' })
  t.match(await cancel(second.id), { status: 404, body: { title: String } }, 'it was replaced')
  t.equal((await cancel(third.id)).status, 204)
  t.match(await cancel(third.id), { status: 404, type: /^application\/problem\+json/ })
  t.match(await party.identify(), { person: { document: '99999999R' } })
  t.strictSame(await pending(), [], 'it was taken')
  t.equal((await cancel(first.id)).status, 404)
  t.match((await party.send()).arrived.at.pathname, /\/choose$/, 'what was cancelled ends no login')
  await next({ outcome: 'CITIZEN-05-deceased' })
  await sandbox.advance('PT5M')
  t.strictSame(await pending(), [], 'it has lapsed')
})

t.test('a pending login lapses after five minutes', async (t) => {
  const party = await registerParty(sandbox)
  await next({ citizen: '99999999R', method: 'pin', rp: party.id })
  await sandbox.advance('PT4M')
  t.match(await party.identify(), { person: { document: '99999999R' } })
  await next({ citizen: '99999999R', method: 'pin', rp: party.id })
  await sandbox.advance('PT5M')
  t.match((await party.send()).arrived.at.pathname, /\/choose$/)
})

t.test(
  'prompt: a passive request takes nothing, a forced one and another session’s are answered by what is pending',
  async (t) => {
    const party = await registerParty(sandbox)
    const by = visitor()
    await next({ citizen: '99999999R', method: 'pin', rp: party.id })
    t.match(await errorOf(party, { prompt: 'none' }, by), told('LOGIN-05-page-needed'))
    t.match((await sandbox.api('next-login')).body, [{ rp: party.id, citizen: '99999999R' }], 'it is pending still')
    const first = await party.identify({ prompt: 'login' }, by)
    t.match(first, { person: { document: '99999999R' } })
    t.match(await party.identify({ prompt: 'none' }, by), { claims: { sub: first.claims['sub'] } })
    await next({ citizen: 'X9999999J', method: 'pin', rp: party.id })
    t.match(await party.identify({ prompt: 'none' }, by), { person: { document: '99999999R' } }, 'as in production')
    t.match(await party.identify({}, by), { person: { document: 'X9999999J' } })
    t.match(await party.identify({ prompt: 'none' }, by), { person: { document: 'X9999999J' } })
  },
)

t.test('what is unknown is 422 and names the field', async (t) => {
  const wishes = [
    [{ citizen: '12345678Z', method: 'pin' }, 'citizen'],
    [{ citizen: 'nobody', method: 'pin' }, 'citizen'],
    [{ method: 'pin' }, 'citizen'],
    [{ citizen: '99999999R' }, 'method'],
    [{ citizen: '99999999R', method: 'certificate' }, 'method'],
    [{ citizen: '99999999R', method: 'toString' }, 'method'],
    [{ outcome: 'NOTHING-01' }, 'outcome'],
    [{ outcome: 'toString' }, 'outcome'],
    [{ citizen: '99999999R', method: 'pin', rp: 'nobody' }, 'rp'],
  ] as const
  for (const [wish, field] of wishes) {
    const answer = await next(wish)
    t.equal(answer.status, 422, JSON.stringify(wish))
    t.match(answer, { type: /^application\/problem\+json/, body: { title: String, detail: String, field } })
  }
})
