import { base64, logoutRequest, logoutResponse, redirectQuery } from '../../../support/saml-signer.ts'
import type { RefusalCode } from '../../../../src/refusal/index.ts'
import { swap, withoutSignature, type Genuine } from '../attack.ts'
import {
  at,
  faces,
  loginDoors,
  logoutDoors,
  toAgency,
  toPage,
  type DoorAttack,
  type DoorPass,
  type DoorScene,
  type Face,
  type LoginContent,
} from '../door.ts'
import { cases } from './redirect.ts'

/** By HTTP-Redirect at the doors: every case of the binding, with a message that would be taken, and what is signed well. */

/** A request that the door takes, in the hands of the attacker. */
function inHand(scene: DoorScene): Genuine {
  const signed = scene.request('clave')
  const { genuine, agencies } = scene
  return {
    ...genuine,
    bare: {
      AuthnRequest: withoutSignature(signed),
      LogoutRequest: logoutRequest({ id: scene.id() }),
      LogoutResponse: logoutResponse({ id: scene.id() }),
    },
    signed: { ...genuine.signed, AuthnRequest: signed },
    pair: agencies.clave.keys,
  }
}

/** A door takes fewer kinds of messages than the corpus is read for. */
const atTheDoor: Readonly<Record<string, RefusalCode>> = {
  'redirect: a response sent as a request, truly signed': 'SAML-03-schema',
}
const octets = cases.map(({ name, refused, make }): DoorAttack => ({
  ...toPage(atTheDoor[name] ?? refused),
  name: `clave login by ${name}`,
  attack: (scene) => {
    const attempt = make(inHand(scene))
    return scene.open(loginDoors.clave, 'redirect' in attempt ? attempt.redirect : '')
  },
}))

const query = (scene: DoorScene, face: Face, content: LoginContent = {}, relayState?: string) =>
  redirectQuery(withoutSignature(scene.request(face, content)), {
    key: scene.agencies[face].keys.key,
    ...(relayState === undefined ? {} : { relayState }),
  })

const signedWell: readonly DoorAttack[] = faces.flatMap((face) =>
  (
    [
      ['RelayState of 81 bytes', toAgency('SAML-11-relay-state'), () => ({}), 'x'.repeat(81)],
      ['RelayState of 41 characters of two bytes each', toAgency('SAML-11-relay-state'), () => ({}), 'é'.repeat(41)],
      ['stale', toAgency('SAML-18-time'), () => ({ issueInstant: at(-302) }), 'state'],
      ['no Destination', toAgency('SAML-17-destination'), () => ({ destination: undefined }), undefined],
      ['ACS javascript:', toPage('SAML-10-return-address'), () => ({ acsUrl: 'javascript:alert(1)' }), undefined],
    ] as const
  ).map(([name, told, content, relayState]) => ({
    ...told,
    name: `${face} login by redirect: ${name}`,
    attack: (scene) => scene.open(loginDoors[face], query(scene, face, content(), relayState)),
  })),
)

const bindings: readonly DoorAttack[] = [
  {
    ...toPage('SAML-09-not-allowed'),
    name: 'clave login by redirect: not registered for it',
    attack: ({ victims, id, open }) => open(loginDoors.clave, victims.clave.asksByAddress({ id: id() })),
  },
  {
    ...toPage('SAML-01-not-a-message'),
    name: 'clave login by redirect: what is posted elsewhere, in the address',
    attack: (scene) =>
      scene.open(
        loginDoors.clave,
        swap(query(scene, 'clave'), /(?<=SAMLRequest=)[^&]*/, encodeURIComponent(base64(scene.request('clave')))),
      ),
  },
  {
    ...toPage('SAML-01-not-a-message'),
    name: 'clave login: what is signed for the address, in a form, as its query was',
    attack: (scene) => scene.post(loginDoors.clave, query(scene, 'clave').replace('SAMLRequest=', 'SAMLResponse=')),
  },
  {
    ...toPage('SAML-04-signature'),
    name: 'clave login: what is signed for the address, in a form',
    attack: (scene) => scene.post(loginDoors.clave, query(scene, 'clave')),
  },
  {
    ...toPage('SAML-03-schema'),
    name: 'standard logout by redirect: a login at the door of logouts',
    attack: (scene) => scene.open(logoutDoors.standard, query(scene, 'standard')),
  },
]

export const doorCases: readonly DoorAttack[] = [...octets, ...signedWell, ...bindings]

export const genuine: readonly DoorPass[] = faces.flatMap((face) =>
  ['wh+er é', 'é'.repeat(40), ''].map((relayState) => ({
    name: `${face} login by redirect, RelayState "${relayState}"`,
    relayState,
    ...(relayState === '' ? { control: true } : {}),
    pass: (scene) =>
      scene.login(face, (browser) => browser.get(`${loginDoors[face]}?${query(scene, face, {}, relayState)}`)),
  })),
)
