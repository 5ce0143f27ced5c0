import t from 'tap'
import { methodNames } from '../../src/citizen/index.ts'
import { claveAttributes, standardAttributes, type OutAttribute } from '../../src/saml/attributes.ts'
import { scopes } from '../../src/relying-party/index.ts'
import { carmen } from './outgoing.ts'

const rows = (attributes: readonly OutAttribute[]) =>
  attributes.map(({ friendlyName, name, type, value }) => [friendlyName, name, type, value])
const natural = 'http://eidas.europa.eu/attributes/naturalperson'
const values = (attributes: readonly OutAttribute[]) =>
  Object.fromEntries(attributes.map(({ friendlyName, value }) => [friendlyName, value]))

t.test("4: the gateway's fixed set, FriendlyName and Name exact", async (t) => {
  t.same(rows(claveAttributes(carmen)), [
    ['FamilyName', `${natural}/CurrentFamilyName`, 'eidas-natural:CurrentFamilyNameType', 'PRUEBA FICTICIA'],
    ['FirstName', `${natural}/CurrentGivenName`, 'eidas-natural:CurrentGivenNameType', 'CARMEN'],
    ['PersonIdentifier', `${natural}/PersonIdentifier`, 'eidas-natural:PersonIdentifierType', '99999999R'],
    ['FirstSurname', 'http://es.minhafp.clave/FirstSurname', 'xs:string', 'PRUEBA'],
    ['SelectedIdP', 'http://es.minhafp.clave/SelectedIdP', 'xs:string', 'PIN24H'],
  ])
})

t.test('4: RelayState only if asked, the level of registration only for agencies that opted in', async (t) => {
  const all = claveAttributes(carmen, { relayState: '', registrationLevel: true })
  t.same(rows(all.slice(5)), [
    ['RelayState', 'http://es.minhafp.clave/RelayState', 'xs:string', ''],
    ['RegistrationLevel', 'http://es.minhafp.clave/RegisterType', 'xs:string', 'ADVANCED'],
  ])
  t.equal(
    values(claveAttributes({ ...carmen, registrationLevel: 'basic' }, { registrationLevel: true }))[
      'RegistrationLevel'
    ],
    'BASIC',
  )
  t.equal(claveAttributes({ ...carmen, registrationLevel: undefined }, { registrationLevel: true }).length, 5)
})

t.test('4: SelectedIdP says the method by which the citizen came', async (t) => {
  t.same(
    methodNames.map((method) => values(claveAttributes({ ...carmen, method }))['SelectedIdP']),
    ['PIN24H', 'SEGSOC', 'CLVMOVIL', 'AFIRMA'],
  )
})

t.test('4: agencies find the second surname as FamilyName less FirstSurname less one space', async (t) => {
  const surnames = (firstSurname: string, secondSurname?: string) => {
    const { FamilyName, FirstSurname } = values(claveAttributes({ ...carmen, firstSurname, secondSurname }))
    return [FamilyName, FamilyName!.slice(FirstSurname!.length + 1)]
  }
  t.same(surnames('DE LA FUENTE', "O'DONNELL-NÚÑEZ"), ["DE LA FUENTE O'DONNELL-NÚÑEZ", "O'DONNELL-NÚÑEZ"])
  t.same(surnames('ZHANG'), ['ZHANG', ''])
})

t.test("9: the gateway's names by scope, all of them plain strings, and what is not known left out", async (t) => {
  const names = (scope: (typeof scopes)[number], person = carmen) =>
    standardAttributes(person, [scope], 'eidas').map(({ name, type }) => (t.equal(type, 'xs:string'), name))
  t.same(names('profile'), [
    `${natural}/CurrentFamilyName`,
    `${natural}/CurrentGivenName`,
    'http://es.minhafp.clave/FirstSurname',
  ])
  t.same(names('document'), [`${natural}/PersonIdentifier`])
  t.same(names('registration'), ['http://es.minhafp.clave/RegisterType', 'http://es.minhafp.clave/SelectedIdP'])
  t.same(names('email'), [`${natural}/EmailAddress`])
  t.same(names('phone'), [`${natural}/PhoneNumber`])
  t.same(names('email', { ...carmen, email: undefined }), [])
  t.same(standardAttributes(carmen, [], 'eidas'), [])
})

t.test('9: urn:oid names for agencies that ask for them', async (t) => {
  t.same(
    standardAttributes(carmen, scopes, 'oid').map(({ friendlyName, name, value }) => [friendlyName, name, value]),
    [
      ['sn', 'urn:oid:2.5.4.4', 'PRUEBA FICTICIA'],
      ['givenName', 'urn:oid:2.5.4.42', 'CARMEN'],
      ['FirstSurname', 'http://es.minhafp.clave/FirstSurname', 'PRUEBA'],
      ['displayName', 'urn:oid:2.16.840.1.113730.3.1.241', 'CARMEN PRUEBA FICTICIA'],
      ['serialNumber', 'urn:oid:2.5.4.5', '99999999R'],
      ['RegistrationLevel', 'http://es.minhafp.clave/RegisterType', 'ADVANCED'],
      ['SelectedIdP', 'http://es.minhafp.clave/SelectedIdP', 'PIN24H'],
      ['mail', 'urn:oid:0.9.2342.19200300.100.1.3', 'carmen@example.test'],
      ['mobile', 'urn:oid:0.9.2342.19200300.100.1.41', '+34600000001'],
    ],
  )
})
