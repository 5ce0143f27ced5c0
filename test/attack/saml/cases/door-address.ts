import { loginDoors, says, saysOn, toPage, type DoorAttack, type DoorScene, type Face } from '../door.ts'

/** Where the answer to a login would go: an address that is registered, octet for octet, or nowhere. */

/** What is done to the registered address. */
const addresses: Readonly<Record<string, (acs: string, scene: DoorScene, face: Face) => string>> = {
  "another provider's": (_, { victims }, face) => victims[face].acs,
  "the other face's": (_, { agencies }, face) => agencies[face === 'clave' ? 'standard' : 'clave'].acs,
  'javascript:': () => 'javascript:alert(1)',
  'javascript: and the address behind it': (acs) => `javascript:alert(1)//${acs}`,
  'data:': () => 'data:text/html,<script>alert(1)</script>',
  'a path alone': () => '/login/',
  'no scheme': (acs) => acs.replace('https:', ''),
  http: (acs) => acs.replace('https:', 'http:'),
  'user-info': (acs) => acs.replace('https://', 'https://evil@'),
  'the host as user-info': (acs) => acs.replace('.test/', '.test@evil.test/'),
  'the port that goes without saying': (acs) => acs.replace('.test/', '.test:443/'),
  'another port': (acs) => acs.replace('.test/', '.test:8443/'),
  'the host in capitals': (acs) => acs.replace('.test/', '.TEST/'),
  'the path in capitals': (acs) => acs.replace(/[^/]+$/, (last) => last.toUpperCase()),
  'a trailing dot': (acs) => acs.replace('.test/', '.test./'),
  'a trailing slash': (acs) => `${acs}/`,
  'another host behind it': (acs) => acs.replace('.test/', '.test.evil.test/'),
  'a host below it': (acs) => acs.replace('https://', 'https://evil.'),
  'a query': (acs) => `${acs}?next=https://evil.test/`,
  'a fragment': (acs) => `${acs}#`,
  'steps up the path': (acs) => acs.replace(/[^/]+$/, '../$&'),
  backslashes: (acs) => acs.replaceAll('/', '\\'),
  'percent-encoded': (acs) => acs.replace(/.$/, (last) => `%${last.charCodeAt(0).toString(16)}`),
  'a zero-width space': (acs) => `${acs}\u200b`,
  'letters that look the same': (acs) => acs.replace('.test', '.t\u0435st'),
  'a tag inside of it': (acs) => `${acs}"><script>alert(1)</script>`,
}
export const doorCases: readonly DoorAttack[] = [
  ...Object.entries(addresses).flatMap(([name, address]) =>
    says(`ACS: ${name}`, toPage('SAML-10-return-address'), (scene, face) => ({
      acsUrl: address(scene.agencies[face].acs, scene, face),
    })),
  ),
  saysOn('clave', 'ACS: none', toPage('SAML-10-return-address'), () => ({ acsUrl: undefined })),
  saysOn('clave', 'ACS: an index', toPage('SAML-10-return-address'), () => ({ acsUrl: undefined, acsIndex: 0 })),
  saysOn('standard', 'ACS: an index that is none', toPage('SAML-10-return-address'), () => ({
    acsUrl: undefined,
    acsIndex: 7,
  })),
  ...['.html', 'a/b.html', '../a.html', 'a.html?x', 'a.htm', 'a%2Fb.html', 'ñ.html', 'a\u200b.html', '{session}.html']
    .concat(`${'a'.repeat(129)}.html`)
    .map((last): DoorAttack => ({
      ...toPage('SAML-10-return-address'),
      name: `clave login: ACS by pattern: ${last.length > 99 ? '129 letters' : last}`,
      attack: ({ pattern, id, post }) =>
        post(loginDoors.clave, pattern.asks({ id: id(), acsUrl: `https://pattern.test/return/${last}` })),
    })),
]
