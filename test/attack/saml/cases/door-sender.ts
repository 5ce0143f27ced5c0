import { base64, signXml } from '../../../support/saml-signer.ts'
import { withoutSignature } from '../attack.ts'
import {
  faces,
  form,
  loginDoors,
  nameOf,
  says,
  sends,
  toPage,
  type DoorAttack,
  type DoorScene,
  type Face,
} from '../door.ts'

/** Who says to be asking, with which key; and how much of it a form holds. None of them is certain: nobody is answered. */

const asked = (scene: DoorScene, face: Face) => base64(scene.request(face))
const resigned = (scene: DoorScene, face: Face, keys: DoorScene['genuine']['pair']) =>
  base64(signXml(withoutSignature(scene.request(face)), keys))

const senders: readonly DoorAttack[] = [
  ...says("another provider's name", toPage('SAML-07-certificate'), ({ victims }, face) =>
    face === 'clave' ? { providerName: nameOf(victims, face) } : { issuer: nameOf(victims, face) },
  ),
  ...says('a name of nobody', toPage('SAML-08-unknown-provider'), (_, face) =>
    face === 'clave' ? { providerName: 'S0000000X_E1' } : { issuer: 'https://nobody.test/sp' },
  ),
  ...says('no name', toPage('SAML-08-unknown-provider'), () => ({ providerName: undefined, issuer: undefined })),
  ...sends('unsigned', toPage('SAML-04-signature'), (scene, face) => ({
    SAMLRequest: base64(withoutSignature(scene.request(face))),
  })),
  ...sends('a key of nobody', toPage('SAML-07-certificate'), (scene, face) => ({
    SAMLRequest: resigned(scene, face, scene.genuine.foreign),
  })),
  ...(['expired', 'early'] as const).map((key): DoorAttack => ({
    ...toPage('SAML-07-certificate'),
    name: `clave login: a registered certificate, ${key}`,
    attack: (scene) => scene.post(loginDoors.clave, { SAMLRequest: resigned(scene, 'clave', scene.genuine[key]) }),
  })),
  {
    ...toPage('SAML-05-signature-algorithm'),
    name: 'clave login: a registered key that is too short',
    attack: (scene) => scene.post(loginDoors.clave, { SAMLRequest: resigned(scene, 'clave', scene.genuine.short) }),
  },
  {
    ...toPage('SAML-07-certificate'),
    name: 'standard login: metadata that expired since they were imported',
    attack: ({ lapsed, id, post }) => post(loginDoors.standard, lapsed.asks({ id: id() })),
  },
  ...faces.map((face): DoorAttack => ({
    ...toPage('SAML-09-not-allowed'),
    name: `${face} login: at the door of the other face`,
    // The gateway's agency by an Issuer that names it, for that is what the other door reads.
    attack: (scene) =>
      scene.post(loginDoors[face === 'clave' ? 'standard' : 'clave'], {
        SAMLRequest: base64(scene.request(face, face === 'clave' ? { issuer: nameOf(scene.agencies, face) } : {})),
      }),
  })),
]

const fields: readonly DoorAttack[] = [
  ...sends('no message', toPage('SAML-01-not-a-message'), () => ({ RelayState: 'x' })),
  ...sends('a message twice', toPage('SAML-01-not-a-message'), (scene, face) => {
    const message = form({ SAMLRequest: asked(scene, face) })
    return `${message}&${message}`
  }),
  ...sends(
    'RelayState twice',
    toPage('SAML-11-relay-state'),
    (scene, face) => `${form({ SAMLRequest: asked(scene, face) })}&RelayState=a&RelayState=b`,
  ),
  {
    ...toPage('SAML-01-not-a-message'),
    name: 'clave login: a login and a logout at once',
    attack: (scene) =>
      scene.post(loginDoors.clave, {
        SAMLRequest: asked(scene, 'clave'),
        logoutRequest: base64(scene.leaving('clave')),
      }),
  },
  {
    ...toPage('SAML-03-schema'),
    name: 'clave login: a logout in its field',
    attack: (scene) => scene.post(loginDoors.clave, { SAMLRequest: base64(scene.leaving('clave')) }),
  },
]

export const doorCases: readonly DoorAttack[] = [...senders, ...fields]
