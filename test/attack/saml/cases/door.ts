import { base64 } from '../../../support/saml-signer.ts'
import {
  at,
  faces,
  form,
  loginDoors,
  logoutDoors,
  nameOf,
  says,
  sends,
  toAgency,
  toPage,
  type DoorAttack,
  type DoorPass,
  type DoorScene,
  type Face,
  type LoginContent,
} from '../door.ts'

/** A login request that is signed as it should be and says what it may not, or just what it may. */

const otherFace = (face: Face) => (face === 'clave' ? 'standard' : 'clave')
const destinationsOf: Readonly<Record<string, (origin: string, face: Face) => string | undefined>> = {
  missing: () => undefined,
  'the other face': (origin, face) => origin + loginDoors[otherFace(face)],
  'the door for logouts of the standard face': (origin) => origin + logoutDoors.standard,
  'another identity provider': (_, face) => `https://other.test${loginDoors[face]}`,
  'this host and another behind it': (origin, face) => `${origin}.evil.test${loginDoors[face]}`,
  http: (origin, face) => origin.replace('https:', 'http:') + loginDoors[face],
  'a port': (origin, face) => `${origin}:443${loginDoors[face]}`,
  'the host in capitals': (origin, face) => origin.toUpperCase() + loginDoors[face],
  'a trailing slash': (origin, face) => `${origin}${loginDoors[face]}/`,
  'a query': (origin, face) => `${origin}${loginDoors[face]}?x`,
  'the path alone': (_, face) => loginDoors[face],
}
const destinations = Object.entries(destinationsOf).flatMap(([name, destination]) =>
  says(`Destination: ${name}`, toAgency('SAML-17-destination'), ({ origin }, face) => ({
    destination: destination(origin, face),
  })),
)

const times = Object.entries({
  stale: -302,
  'of a year ago': -365 * 86_400,
  'of the future': 303,
  'of a year ahead': 365 * 86_400,
}).flatMap(([name, seconds]) =>
  says(`IssueInstant: ${name}`, toAgency('SAML-18-time'), () => ({ issueInstant: at(seconds) })),
)

const twoBytes = 'é'
const html = '"><script>alert(1)</script>\r\nSet-Cookie: x=1'
const relayStates: readonly DoorAttack[] = Object.entries({
  'of 81 bytes': 'x'.repeat(81),
  'of 41 characters of two bytes each': twoBytes.repeat(41),
  'of 21 characters of four bytes each': '𝒳'.repeat(21),
  'of 100,000 bytes': 'x'.repeat(100_000),
  'of HTML and line breaks, too long': html.repeat(2),
}).flatMap(([name, RelayState]) =>
  says(`RelayState ${name}`, toAgency('SAML-11-relay-state'), () => ({}), { RelayState }),
)

const wishes: readonly DoorAttack[] = [
  ...says('ProtocolBinding HTTP-Artifact', toAgency('SAML-09-not-allowed'), () => ({
    protocolBinding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact',
  })),
  ...says('NameIDPolicy with a format of e-mail', toAgency('SAML-15-name-id-format'), () => ({
    nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  })),
  ...says('NameIDPolicy with the SPNameQualifier of another provider', toAgency('SAML-15-name-id-format'), qualifier),
]
/** The policy with another provider's name, in the place of the one that the message has by itself. */
function qualifier({ victims }: DoorScene, face: Face): LoginContent {
  return {
    ...{ nameIdFormat: undefined, classRefs: undefined },
    last: `<saml2p:NameIDPolicy AllowCreate="true" SPNameQualifier="${nameOf(victims, face)}"/>`,
  }
}

const longest = 131_072
/** A message whose base64 is as long as is read. */
function longestMessage(scene: DoorScene, face: Face): string {
  const id = scene.id()
  const padded = (length: number) =>
    base64(scene.request(face, { id, extensions: `<x:a xmlns:x="urn:x">${'a'.repeat(length)}</x:a>` }))
  const message = padded((longest / 4) * 3 - Buffer.from(padded(1), 'base64').length + 1)
  if (message.length !== longest) throw new Error(`${message.length} characters`)
  return message
}
const sizes: readonly DoorAttack[] = [
  ...sends('one character more than the longest message', toPage('SAML-01-not-a-message'), (scene, face) => ({
    SAMLRequest: `${longestMessage(scene, face)}\n`,
  })),
  ...sends('a form of a megabyte', toPage('SAML-01-not-a-message'), () => `SAMLRequest=${'x'.repeat(1_000_000)}`),
  {
    ...toPage('SAML-01-not-a-message'),
    name: 'standard logout: a form of a megabyte',
    attack: (scene) => scene.post(logoutDoors.standard, { SAMLResponse: 'x'.repeat(1_000_000) }),
  },
]

export const doorCases: readonly DoorAttack[] = [...destinations, ...times, ...relayStates, ...wishes, ...sizes]

const passes = (name: string, content: () => LoginContent, relayState?: string): DoorPass[] =>
  faces.map((face) => ({
    name: `${face} login: ${name}`,
    ...(relayState === undefined ? {} : { relayState }),
    pass: (scene) =>
      scene.login(face, (browser) =>
        browser.postRaw(
          loginDoors[face],
          form({
            SAMLRequest: base64(scene.request(face, content())),
            ...(relayState === undefined ? {} : { RelayState: relayState }),
          }),
        ),
      ),
  }))

export const genuine: readonly DoorPass[] = [
  ...passes('by POST', () => ({})).map((one) => ({ ...one, control: true }) as const),
  ...passes('295 seconds old', () => ({ issueInstant: at(-295) })),
  ...passes('295 seconds ahead', () => ({ issueInstant: at(295) })),
  ...passes('RelayState of 80 bytes', () => ({}), 'x'.repeat(80)),
  ...passes('RelayState of 40 characters of two bytes each', () => ({}), twoBytes.repeat(40)),
  ...passes('RelayState of 20 characters of four bytes each', () => ({}), '𝒳'.repeat(20)),
  ...passes('RelayState with HTML and line breaks', () => ({}), html),
  ...faces.map((face): DoorPass => ({
    name: `${face} login: the longest message`,
    pass: (scene) =>
      scene.login(face, (browser) =>
        browser.postRaw(loginDoors[face], form({ SAMLRequest: longestMessage(scene, face) })),
      ),
  })),
]
