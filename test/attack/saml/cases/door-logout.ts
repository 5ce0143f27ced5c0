import { base64, logoutResponse, signXml } from '../../../support/saml-signer.ts'
import { withoutSignature } from '../attack.ts'
import {
  at,
  faces,
  form,
  loginDoors,
  logoutDoors,
  nameOf,
  toAgency,
  toPage,
  type DoorAttack,
  type DoorPass,
  type DoorScene,
  type Face,
  type Fields,
  type LogoutContent,
} from '../door.ts'

/** A logout that is not to be had: it ends nothing, and nobody is led anywhere. */

const fieldOf = { clave: 'logoutRequest', standard: 'SAMLRequest' } as const
type Told = Pick<DoorAttack, 'refused' | 'told'>

const leaves = (
  name: string,
  told: Told,
  content: (scene: DoorScene, face: Face) => LogoutContent,
  fields: Fields = {},
): DoorAttack[] => faces.map((face) => leavesOn(face, name, told, (scene) => content(scene, face), fields))
const leavesOn = (
  face: Face,
  name: string,
  told: Told,
  content: (scene: DoorScene) => LogoutContent,
  fields: Fields = {},
): DoorAttack => ({
  ...told,
  name: `${face} logout: ${name}`,
  attack: (scene) =>
    scene.post(logoutDoors[face], { [fieldOf[face]]: base64(scene.leaving(face, content(scene))), ...fields }),
})

const rules: readonly DoorAttack[] = [
  ...leaves('IssueInstant stale', toAgency('SAML-18-time'), () => ({ issueInstant: at(-302) })),
  ...leaves('IssueInstant of the future', toAgency('SAML-18-time'), () => ({ issueInstant: at(303) })),
  ...leaves('NotOnOrAfter has passed', toAgency('SAML-18-time'), () => ({ notOnOrAfter: at(-302) })),
  ...leaves('Destination of another', toAgency('SAML-17-destination'), () => ({ destination: 'https://other.test/' })),
  ...leaves('Destination the door for logins of the standard face', toAgency('SAML-17-destination'), ({ origin }) => ({
    destination: origin + loginDoors.standard,
  })),
  leavesOn('standard', 'no Destination', toAgency('SAML-17-destination'), () => ({ destination: undefined })),
  ...leaves('RelayState of 81 bytes', toAgency('SAML-11-relay-state'), () => ({}), { RelayState: 'x'.repeat(81) }),
  ...leaves('RelayState of 41 characters of two bytes each', toAgency('SAML-11-relay-state'), () => ({}), {
    RelayState: 'é'.repeat(41),
  }),
]

const signedLast = (scene: DoorScene, face: Face) =>
  signXml(withoutSignature(scene.leaving(face)), { ...scene.agencies[face].keys, at: 'last' })

/** Who sent it and where the answer goes is certain all the same, and it says what is wrong. */
const shapes: readonly DoorAttack[] = [
  ...leaves('an element that the schema does not know at the end', toAgency('SAML-03-schema'), () => ({
    last: '<saml2p:Scoping/>',
  })),
  ...leaves('an attribute that is no instant', toAgency('SAML-03-schema'), () => ({ notOnOrAfter: 'soon' })),
  leavesOn('standard', 'Extensions with nothing in them', toAgency('SAML-03-schema'), () => ({ extensions: '' })),
  leavesOn('standard', 'unfit, and marked asynchronous', toPage('SAML-03-schema'), () => ({
    extensions: '<aslo:Asynchronous xmlns:aslo="urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo"/>',
    last: '<saml2p:Scoping/>',
  })),
  {
    ...toPage('SAML-04-signature'),
    name: 'standard logout: Signature at the end',
    attack: (scene) => scene.post(logoutDoors.standard, { SAMLRequest: base64(signedLast(scene, 'standard')) }),
  },
  leavesOn('clave', 'unfit, with a document in NameID', toAgency('SAML-03-schema'), () => ({
    nameId: '99999999R',
    last: '<saml2p:Scoping/>',
  })),
  {
    ...toAgency('SAML-03-schema'),
    name: 'clave logout: no NameID',
    attack: (scene) => {
      const bare = withoutSignature(scene.leaving('clave')).replace(/<saml2:NameID.*<\/saml2:NameID>/, '')
      return scene.post(logoutDoors.clave, { logoutRequest: base64(signXml(bare, scene.agencies.clave.keys)) })
    },
  },
  leavesOn('clave', 'unfit, and the return address of another', toPage('SAML-03-schema'), ({ victims }) => ({
    issuer: victims.clave.acs.replace('ReturnPage', 'LogoutPage'),
    spNameQualifier: undefined,
    last: '<saml2p:Scoping/>',
  })),
  ...leaves('an ID that is no name', toPage('SAML-03-schema'), () => ({ id: '_l1:x' })),
]

const unregistered: readonly DoorAttack[] = (
  [
    ["another provider's", ({ victims }) => victims.clave.acs.replace('ReturnPage', 'LogoutPage')],
    ['javascript:', () => 'javascript:alert(1)'],
    ['user-info', ({ agencies }) => agencies.clave.acs.replace('https://', 'https://evil@')],
    ['a port', ({ agencies }) => agencies.clave.acs.replace('.test/', '.test:443/')],
    ['a trailing dot', ({ agencies }) => agencies.clave.acs.replace('.test/', '.test./')],
    ['the host in capitals', ({ agencies }) => agencies.clave.acs.replace('.test/', '.TEST/')],
    ['none', () => undefined],
  ] as const satisfies readonly (readonly [string, (scene: DoorScene) => string | undefined])[]
).map(([name, address]) =>
  leavesOn('clave', `return address: ${name}`, toPage('SAML-10-return-address'), (scene) => ({
    issuer: address(scene),
    spNameQualifier: address(scene),
  })),
)

const resigned = (scene: DoorScene, face: Face) => signXml(withoutSignature(scene.leaving(face)), scene.genuine.foreign)
const senders: readonly DoorAttack[] = [
  ...faces.flatMap((face): DoorAttack[] => [
    {
      ...toPage('SAML-07-certificate'),
      name: `${face} logout: a key of nobody`,
      attack: (scene) => scene.post(logoutDoors[face], { [fieldOf[face]]: base64(resigned(scene, face)) }),
    },
    {
      ...toPage('SAML-04-signature'),
      name: `${face} logout: unsigned`,
      attack: (scene) =>
        scene.post(logoutDoors[face], { [fieldOf[face]]: base64(withoutSignature(scene.leaving(face))) }),
    },
  ]),
  leavesOn('standard', "another provider's name", toPage('SAML-07-certificate'), ({ victims }) => ({
    issuer: nameOf(victims, 'standard'),
  })),
  {
    ...toPage('SAML-07-certificate'),
    name: 'standard logout: metadata that expired since they were imported',
    attack: ({ lapsed, id, post }) => post(logoutDoors.standard, { SAMLRequest: lapsed.leaves({ id: id() }) }),
  },
  {
    ...toPage('SAML-18-time'),
    name: 'standard logout: stale, of an agency that takes no answers',
    attack: ({ silent, id, post }) =>
      post(logoutDoors.standard, { SAMLRequest: silent.leaves({ id: id(), issueInstant: at(-302) }) }),
  },
  {
    ...toPage('SAML-11-relay-state'),
    name: 'standard logout: RelayState of 81 bytes, of an agency that takes no answers',
    attack: ({ silent, id, post }) =>
      post(logoutDoors.standard, { SAMLRequest: silent.leaves({ id: id() }), RelayState: 'x'.repeat(81) }),
  },
]

/** An answer to a logout of ours: at fault, it is nobody's. */
const answers = (
  [
    ['stale', 'SAML-18-time', () => ({ issueInstant: at(-302) }), {}],
    ['of the future', 'SAML-18-time', () => ({ issueInstant: at(303) }), {}],
    ['Destination of another', 'SAML-17-destination', () => ({ destination: 'https://other.test/' }), {}],
    ['RelayState of 81 bytes', 'SAML-11-relay-state', () => ({}), { RelayState: 'x'.repeat(81) }],
  ] as const
).map(([name, refused, content, fields]): DoorAttack => ({
  ...toPage(refused),
  name: `standard logout answered: ${name}`,
  attack: (scene) => {
    const { keys, entityId } = scene.agencies.standard
    const placed = { id: scene.id(), issueInstant: at(0), destination: scene.origin + logoutDoors.standard }
    const xml = logoutResponse({ ...placed, issuer: entityId, ...content() })
    return scene.post(logoutDoors.standard, { SAMLResponse: base64(signXml(xml, keys)), ...fields })
  },
}))

export const doorCases: readonly DoorAttack[] = [...rules, ...shapes, ...unregistered, ...senders, ...answers]

const passes = (name: string, content: () => LogoutContent, relayState?: string): DoorPass[] =>
  faces.map((face) => ({
    name: `${face} logout: ${name}`,
    ...(relayState === undefined ? {} : { relayState }),
    pass: (scene) =>
      scene.logout(face, {
        content: content(),
        ...(relayState === undefined ? {} : { fields: { RelayState: relayState } }),
      }),
  }))

export const genuine: readonly DoorPass[] = [
  {
    name: 'clave logout: Signature at the end, as one client writes it',
    pass: (scene) =>
      scene.login('clave', (browser) =>
        browser.postRaw(logoutDoors.clave, form({ samlRequestLogout: base64(signedLast(scene, 'clave')) })),
      ),
  },
  ...passes('by POST', () => ({})).map((one) => ({ ...one, control: true }) as const),
  ...passes('295 seconds old', () => ({ issueInstant: at(-295) })),
  ...passes('295 seconds ahead', () => ({ issueInstant: at(295) })),
  ...passes('RelayState of 80 bytes', () => ({}), 'x'.repeat(80)),
  ...passes('RelayState of 40 characters of two bytes each', () => ({}), 'é'.repeat(40)),
]
