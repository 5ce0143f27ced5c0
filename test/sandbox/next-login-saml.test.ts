import t from 'tap'
import { refusals, type RefusalCode } from '../../src/refusal/index.ts'
import { testSandbox } from '../support/sandbox.ts'
import { until } from '../support/until.ts'
import { travel, visitor } from './visitor.ts'

t.setTimeout(240_000)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

const agencies = ['seguridad-social', 'sepe'] as const
type Agency = (typeof agencies)[number]

const next = (wish: object) => sandbox.api<{ id: string }>('next-login', wish)
const session = (agency: string, by = visitor()) =>
  by.json<Record<string, unknown>>(`${sandbox.agenciesUrl}/${agency}/session`)

/** Goes to a demo agency with plain HTTP, led by redirects and forms that send themselves; what it then says of its visitor. */
async function loginAt(agency: Agency, { by = visitor(), query = '' } = {}) {
  const arrived = await travel(by, `${sandbox.agenciesUrl}/${agency}/login${query}`)
  return { arrived, told: await session(agency, by), by }
}

t.test('at each agency, with each method, a login completes without a page', async (t) => {
  const words = { movil: 'CLVMOVIL', pin: 'PIN24H', permanente: 'SEGSOC' }
  for (const agency of agencies)
    for (const method of ['movil', 'pin', 'permanente'] as const) {
      await next({ citizen: '99999999R', method, rp: agency })
      const { told, arrived } = await loginAt(agency)
      t.equal(arrived.at.href, `${sandbox.agenciesUrl}/${agency}`, 'by redirects and forms alone')
      t.match(told, {
        agency,
        protocol: 'saml',
        authenticated: true,
        level: 'substantial',
        method: words[method],
        person: {
          document: '99999999R',
          given_name: 'CARMEN',
          family_name: 'PRUEBA FICTICIA',
          first_surname: 'PRUEBA',
          second_surname: 'FICTICIA',
        },
      })
    }
  t.strictSame(await sandbox.messages(), [], 'no SMS is needed')
})

t.test('what each face tells of a citizen', async (t) => {
  await next({ citizen: '99999997E', method: 'pin', rp: 'sepe' })
  const { told: standard } = await loginAt('sepe')
  t.match(standard, { encrypted: true, level: 'low', session_index: /./, name_id_format: /:persistent$/ })
  t.match(standard['person'], {
    document: '99999997E',
    first_surname: 'DE LA FUENTE',
    second_surname: "Y O'DONNELL-NÚÑEZ",
  })
  t.not(standard['name_id'], '99999997E', 'a name of its own for each agency')
  await next({ citizen: 'X9999999J', method: 'pin', rp: 'seguridad-social' })
  const { told: gateway } = await loginAt('seguridad-social')
  t.match(gateway, { encrypted: false, name_id: 'X9999999J' })
  t.notHas(gateway, { session_index: String })
  t.match(gateway['attributes'], { FamilyName: 'ZHANG', FirstSurname: 'ZHANG', RelayState: String })
})

t.test('a developer’s wishes: NameID formats, levels, exclusions, RelayState, both bindings', async (t) => {
  const login = async (agency: Agency, query: string) => {
    await next({ citizen: '99999999R', method: 'pin', rp: agency })
    return (await loginAt(agency, { query })).told
  }
  for (const format of ['persistent', 'transient', 'unspecified'])
    t.match(await login('seguridad-social', `?nameid=${format}`), { name_id_format: new RegExp(`:${format}$`) })
  t.match(await login('sepe', '?binding=post&relaystate=%3Cscript%3E'), { authenticated: true })
  t.match(await login('sepe', '?nameid=transient'), { name_id_format: /:transient$/ })
  t.match(await login('seguridad-social', '?level=substantial&comparison=exact'), { level: 'substantial' })
  t.match(await login('seguridad-social', '?level=high'), { error: 'NoAuthnContext', error_description: /^003007 - / })
  t.match(await login('seguridad-social', '?level=enormous'), {
    error: 'NoAuthnContext',
    error_description: /^000009 - /,
  })
  t.match(await login('seguridad-social', '?nameid=emailAddress'), {
    error: 'InvalidNameIDPolicy',
    status: 'Requester',
  })
  t.match(await login('seguridad-social', '?exclude=CLVMOVILIdP,GISSIdP'), { error_description: /^003007 - / })
  t.match(await login('seguridad-social', '?passive=true'), { error: 'NoPassive', status: 'Responder' })
})

t.test('CLVMOVILIdP switches off the app and the PIN, AEATIdP the PIN alone', async (t) => {
  const login = async (method: string, exclude: string) => {
    await next({ citizen: '99999999R', method, rp: 'seguridad-social' })
    return (await loginAt('seguridad-social', { query: `?exclude=${exclude}` })).told
  }
  for (const method of ['movil', 'pin'])
    t.match(await login(method, 'CLVMOVILIdP'), { authenticated: false, error_description: /^003007 - / }, method)
  t.match(await login('pin', 'AEATIdP'), { authenticated: false, error_description: /^003007 - / })
  t.match(await login('movil', 'AEATIdP'), { authenticated: true, method: 'CLVMOVIL' })
  t.match(await login('permanente', 'CLVMOVILIdP'), { authenticated: true, method: 'SEGSOC' })
})

t.test('each refusal of the catalogue is told with its status, its sub-status and its message', async (t) => {
  for (const agency of agencies)
    for (const code of Object.keys(refusals) as RefusalCode[]) {
      const { status, sub, message } = refusals[code].saml
      await next({ outcome: code, rp: agency })
      const { told } = await loginAt(agency)
      t.match(told, { authenticated: false, status, error: sub, error_description: message }, `${agency} ${code}`)
    }
})

t.test('the rules hold', async (t) => {
  const refused: readonly (readonly [Agency, string, string, RefusalCode])[] = [
    ['seguridad-social', '99999998T', 'pin', 'LEVEL-01-registration-too-low'],
    ['sepe', '99999991Q', 'permanente', 'PERMANENTE-02-blocked'],
    ['sepe', '99999990S', 'pin', 'CITIZEN-04-renounced'],
    ['sepe', 'Z9999999H', 'pin', 'CITIZEN-03-not-registered'],
  ]
  for (const [agency, citizen, method, code] of refused) {
    await next({ citizen, method, rp: agency })
    t.match((await loginAt(agency)).told, { error_description: refusals[code].saml.message }, code)
  }
})

t.test('one login serves the next agency of either protocol, and one logout ends all of them', async (t) => {
  for (const start of agencies) {
    const by = visitor()
    const who = async (agency: string) => (await session(agency, by))['authenticated']
    await next({ citizen: '99999999R', method: 'pin', rp: start })
    await loginAt(start, { by })
    const other = start === 'sepe' ? 'seguridad-social' : 'sepe'
    t.match((await loginAt(other, { by, query: '?passive=true' })).told, { authenticated: true }, other)
    await travel(by, `${sandbox.agenciesUrl}/aeat/login?prompt=none`)
    t.equal(await who('aeat'), true)
    const arrived = await travel(by, `${sandbox.agenciesUrl}/${start}/logout`)
    t.equal(arrived.at.href, `${sandbox.agenciesUrl}/${start}`, `back from the logout of ${start}`)
    t.equal(await who(start), false)
    await until(async () => !(await who('aeat')))
    if (start === 'seguridad-social') t.equal(await who('sepe'), false, 'the standard face hears of it')
    await loginAt(start, { by, query: '?passive=true' })
    t.match(await session(start, by), { error: 'NoPassive' }, 'the session of the gateway is over')
  }
})

t.test(
  'IsPassive: such a request takes nothing that is pending; it is answered from the session, as in production',
  async (t) => {
    for (const agency of agencies) {
      const by = visitor()
      const passive = async () => (await loginAt(agency, { by, query: '?passive=true' })).told
      const pending = async () => (await sandbox.api<{ id: string }[]>('next-login')).body.map(({ id }) => id)
      const { body: first } = await next({ citizen: '99999999R', method: 'pin', rp: agency })
      t.match(await passive(), { authenticated: false, error: 'NoPassive' }, 'no session')
      t.strictSame(await pending(), [first.id])
      t.match((await loginAt(agency, { by })).told, { person: { document: '99999999R' } }, 'the next one takes it')
      const { body: second } = await next({ citizen: 'X9999999J', method: 'pin', rp: agency })
      t.match(await passive(), { person: { document: '99999999R' } }, 'out of the session')
      t.strictSame(await pending(), [second.id])
      t.match((await loginAt(agency, { by })).told, { person: { document: 'X9999999J' } })
      t.strictSame(await pending(), [])
    }
  },
)

t.test('IsPassive, and a level that no method reaches: told so, not that a page is needed', async (t) => {
  const { status, sub, message } = refusals['LOGIN-06-no-method'].saml
  const { told } = await loginAt('seguridad-social', { query: '?passive=true&level=high' })
  t.match(told, { authenticated: false, status, error: sub, error_description: message })
})

t.test('by form as by address, and begun at an agency of the other protocol', async (t) => {
  const by = visitor()
  await next({ citizen: '99999999R', method: 'pin', rp: 'sepe' })
  await loginAt('sepe', { by })
  const arrived = await travel(by, `${sandbox.agenciesUrl}/sepe/logout?binding=post`)
  t.equal(arrived.at.href, `${sandbox.agenciesUrl}/sepe`)
  t.notHas(await session('sepe', by), { error: String })
})
