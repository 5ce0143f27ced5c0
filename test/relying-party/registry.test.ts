import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { openDb, statement, systemRandom } from '../../src/platform/index.ts'
import {
  hashOfSecret,
  makeRelyingParties,
  rowLease,
  shownRelyingParty,
  type NotWritten,
  type RelyingParties,
  type Written,
} from '../../src/relying-party/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase, type Teardown } from '../support/database.ts'

const oidc = { redirect_uris: ['https://agency.example/callback'] }

async function scene(t: Teardown, allowHttp = false) {
  const { db, url } = await testDatabase(t)
  const registry = makeRelyingParties({ db, clock: testClock(), random: systemRandom, allowHttp })
  return { db, url, registry }
}

function written(answer: Written | NotWritten | undefined): Written {
  if (answer && 'relyingParty' in answer) return answer
  throw new Error(`not written: ${JSON.stringify(answer)}`)
}

t.test('what is left out has the least', async (t) => {
  const { registry } = await scene(t)
  const { relyingParty, clientSecret } = written(await registry.register({ oidc }))
  const { id } = relyingParty
  t.same(relyingParty, {
    id,
    name: 'agency.example',
    sector: id,
    leastLevel: 'low',
    scopes: [],
    home: undefined,
    excluded: [],
    oidc: {
      ...oidc,
      client_id: id,
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret_hash: hashOfSecret(clientSecret ?? ''),
    },
  })
  t.same(await registry.find(id), relyingParty)
})

t.test('everything that is said is kept, and read back as it was', async (t) => {
  const { registry } = await scene(t)
  const input = {
    id: 'dgt',
    name: 'Dirección General de Tráfico',
    sector: 'ministerio-interior',
    level: 'substantial',
    scopes: ['openid', 'document', 'profile'],
    home: 'https://dgt.example/',
    excluded: ['pin'],
    oidc: { ...oidc, token_endpoint_auth_method: 'none' },
  }
  const { relyingParty, clientSecret } = written(await registry.register(input))
  t.equal(clientSecret, undefined)
  t.match(relyingParty, {
    name: input.name,
    sector: input.sector,
    leastLevel: 'substantial',
    scopes: ['profile', 'document'],
  })
  t.match(relyingParty, { home: input.home, excluded: ['pin'], oidc: { client_id: 'dgt' } })
  t.same(await registry.find('dgt'), relyingParty)
  t.same(await registry.findByClientId('dgt'), relyingParty)
  t.same(await registry.list(), [relyingParty])
})

t.test("OIDC's own names for name, id, home and scopes are understood", async (t) => {
  const { registry } = await scene(t)
  const metadata = {
    ...oidc,
    client_id: 'sepe',
    client_name: 'SEPE',
    client_uri: 'https://sepe.example',
    scope: 'openid email',
  }
  const { relyingParty } = written(await registry.register({ oidc: metadata }))
  t.match(relyingParty, { id: 'sepe', name: 'SEPE', home: 'https://sepe.example', scopes: ['email'] })
  t.match(await registry.register({ oidc: { ...oidc, scope: 'openid offline_access' } }), {
    problems: [{ field: 'scopes' }],
  })
})

t.test('a bad row is refused when it is written, with every fault named by its field', async (t) => {
  const { db, registry } = await scene(t)
  const input = {
    name: ' ',
    level: 'medium',
    scopes: ['profile', 'iban'],
    home: 'dgt',
    excluded: ['sms'],
    colour: 'red',
    oidc: { redirect_uris: [] },
  }
  const answer = await registry.register(input)
  t.same('problems' in answer && answer.problems.map(({ field }) => field), [
    'name',
    'level',
    'scopes',
    'home',
    'excluded',
    'colour',
    'oidc.redirect_uris',
  ])
  t.match(answer, { problems: [{ detail: /^name must/ }, { detail: /low, substantial, high/ }, { detail: /iban/ }] })
  t.match(await registry.register({ id: 'a b', oidc }), { problems: [{ field: 'id' }] })
  t.match(await registry.register({}), { problems: [{ field: 'name' }] })
  t.same(await db.rows(statement('test.all', 'select id from relying_party')), [])
})

t.test('an id is given once', async (t) => {
  const { registry } = await scene(t)
  const tries = await Promise.all(Array.from({ length: 10 }, () => registry.register({ id: 'aeat', oidc })))
  t.equal(tries.filter((answer) => 'relyingParty' in answer).length, 1)
  t.match(
    tries.find((answer) => 'problems' in answer),
    { problems: [{ field: 'id', detail: 'id is taken: aeat' }] },
  )
})

t.test('the secret is told once, has 256 random bits, and only its hash is kept', async (t) => {
  const { db, registry } = await scene(t)
  const { relyingParty, clientSecret = '' } = written(await registry.register({ id: 'aeat', oidc }))
  t.match(clientSecret, /^[\w-]{43}$/)
  const rows = await db.rows(
    statement<{ row: string }>('test.rows', 'select relying_party::text as row from relying_party'),
  )
  t.notMatch(JSON.stringify(rows), clientSecret)
  t.equal(relyingParty.oidc?.client_secret_hash, hashOfSecret(clientSecret))
  t.notMatch(JSON.stringify(shownRelyingParty(relyingParty)), /secret_hash/)
})

t.test('a change keeps what it leaves out, and the secret', async (t) => {
  const { registry } = await scene(t)
  const { relyingParty: before } = written(
    await registry.register({ id: 'aeat', name: 'AEAT', scopes: ['email'], oidc }),
  )
  const level = written(await registry.change('aeat', { level: 'high' }))
  t.same(level, { relyingParty: { ...before, leastLevel: 'high' } })
  const metadata = { ...oidc, client_id: 'aeat', require_pushed_authorization_requests: true }
  const changed = written(await registry.change('aeat', { oidc: metadata }))
  t.equal(changed.clientSecret, undefined)
  t.equal(changed.relyingParty.name, 'AEAT')
  t.same(changed.relyingParty.oidc, { ...before.oidc, require_pushed_authorization_requests: true })
  t.same(await registry.find('aeat'), changed.relyingParty)
})

t.test('a new secret replaces the old one; a client that needs none loses it', async (t) => {
  const { registry } = await scene(t)
  const first = written(await registry.register({ id: 'aeat', oidc }))
  const second = written(await registry.change('aeat', {}, { newSecret: true }))
  t.not(second.clientSecret, first.clientSecret)
  t.equal(second.relyingParty.oidc?.client_secret_hash, hashOfSecret(second.clientSecret ?? ''))
  const open = written(await registry.change('aeat', { oidc: { ...oidc, token_endpoint_auth_method: 'none' } }))
  t.equal(open.relyingParty.oidc?.client_secret_hash, undefined)
  const again = written(await registry.change('aeat', { oidc }))
  t.ok(again.clientSecret, 'one who needs a secret again gets another')
})

t.test('a bad change changes nothing', async (t) => {
  const { registry } = await scene(t)
  const { relyingParty } = written(await registry.register({ id: 'aeat', oidc }))
  t.match(await registry.change('aeat', { level: 'high', oidc: { redirect_uris: ['http://x.example/'] } }), {
    problems: [{ field: 'oidc.redirect_uris' }],
  })
  t.match(await registry.change('aeat', { id: 'other' }), { problems: [{ field: 'id' }] })
  t.match(await registry.change('aeat', { oidc: { ...oidc, client_id: 'other' } }), { problems: [{ field: 'id' }] })
  t.same(await registry.find('aeat'), relyingParty)
  t.equal(await registry.change('nobody', { level: 'high' }), undefined)
})

t.test('a change acts at once on every instance', async (t) => {
  const { url, registry } = await scene(t)
  const seen: string[] = []
  const otherDb = openDb({ url, observe: (name) => seen.push(name) })
  t.teardown(() => otherDb.close())
  const other = makeRelyingParties({ db: otherDb, clock: testClock(), random: systemRandom, allowHttp: false })
  written(await registry.register({ id: 'aeat', oidc }))
  t.equal((await other.find('aeat'))?.leastLevel, 'low')
  await registry.change('aeat', { level: 'high' })
  t.equal((await other.findByClientId('aeat'))?.leastLevel, 'high')
  t.same(seen, ['relying-party.find', 'relying-party.find'], 'one prepared select each')
})

t.test('a change acts at once on servers that use a row again', async (t) => {
  const { url } = await scene(t)
  const seen: string[] = []
  const [one, other] = ['one', 'other'].map((name) => {
    const db = openDb({ url, observe: (statement) => seen.push(`${name} ${statement}`) })
    t.teardown(() => db.close())
    const parts = { db, clock: testClock(), random: systemRandom, allowHttp: false, lease: rowLease }
    return makeRelyingParties(parts)
  }) as [RelyingParties, RelyingParties]
  t.equal(await other.find('aeat'), undefined)
  written(await one.register({ id: 'aeat', oidc }))
  t.equal((await other.find('aeat'))?.leastLevel, 'low', 'what was not there is asked for each time')
  for (const level of ['high', 'low', 'substantial'] as const) {
    // Read again and again meanwhile, so that the former row is as young as it can be.
    let over = false
    const readers = Array.from({ length: 4 }, async () => {
      while (!over) {
        await other.findByClientId('aeat')
        await turn()
      }
    })
    await one.change('aeat', { level })
    t.equal((await other.findByClientId('aeat'))?.leastLevel, level)
    over = true
    await Promise.all(readers)
  }
})

t.test('http passes where the installation allows it, and only there', async (t) => {
  const input = { oidc: { redirect_uris: ['http://127.0.0.1:8090/aeat/callback'] } }
  t.match(await (await scene(t, true)).registry.register(input), { relyingParty: { name: '127.0.0.1:8090' } })
  t.match(await (await scene(t)).registry.register(input), { problems: [{ field: 'oidc.redirect_uris' }] })
})

t.test('ids that no row can have find nothing', async (t) => {
  const { registry } = await scene(t)
  for (const id of ['', "' or true --", 'x'.repeat(10_000)]) t.equal(await registry.findByClientId(id), undefined)
})
