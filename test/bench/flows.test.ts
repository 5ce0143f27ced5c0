import t from 'tap'
import { bareLogin } from '../../bench/bare-flow.ts'
import { startBareProvider } from '../../bench/bare-server.ts'
import { movilLogin, permanenteLogin, pinLogin, samlPinLogin } from '../../bench/clave-flow.ts'
import { Connection } from '../../bench/connection.ts'
import { openForWrongTries } from '../../bench/enumeration.ts'
import { givePhones } from '../../bench/phones.ts'
import { citizenNumber, populate } from '../../bench/population.ts'
import { startWorld } from '../../bench/world.ts'
import { need } from '../support/need.ts'

// What `npm run bench` measures must go on working, and a request more in a login is to be meant.

void t.test('what the benches do, once', { skip: need('redis-server') }, async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const connection = new Connection('127.0.0.1', world.port)
  t.teardown(() => connection.close())
  await populate(world.db, 20, 20)

  t.equal(await pinLogin(world)(connection, citizenNumber(0)), 8, 'requests of a login with Cl@ve PIN')
  t.equal(await permanenteLogin(world)(connection, citizenNumber(1)), 6, 'requests of a login with Cl@ve Permanente')
  const request = () => world.samlAgency.request(world.origin)
  t.ok(await samlPinLogin(world, request)(connection, citizenNumber(2)), 'a login with Cl@ve PIN from SAML')
  const phones = await givePhones(world.db, 5, world.origin)
  t.equal(await movilLogin(world, phones)(connection, 4), 9, 'requests of a login with Cl@ve Móvil')

  const { document } = citizenNumber(3)
  const pin = await openForWrongTries(world, connection, 'pin')
  t.ok(await pin({ document, contrast: '01/01/2040', prefix: '' }), 'a wrong date')
  const permanente = await openForWrongTries(world, connection, 'permanente')
  t.ok(await permanente({ document, password: 'Wrong-Password-2026' }), 'a wrong password')
})

void t.test('a login of the bare provider', async (t) => {
  const { port, close } = await startBareProvider()
  t.teardown(close)
  const connection = new Connection('127.0.0.1', port)
  t.teardown(() => connection.close())
  await t.resolves(bareLogin(connection, `http://127.0.0.1:${port}`))
})
