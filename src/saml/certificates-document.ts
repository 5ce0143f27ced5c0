import type { SamlKey } from '../platform/index.ts'
import { ns } from './names.ts'
import { element, leaf } from './writer.ts'

/**
 * The certificates by which agencies know our signatures, for those of the gateway's profile, which poll it to follow a
 * change of keys (clave-saml-profile, 1): the current one first, then those that signed before or will. Plain XML, unsigned:
 * its trust is that of TLS. The root is a list of ours, `Certificates`; what stands in it is that of SAML metadata and of
 * XMLDSig, KeyDescriptor without a prefix, as the gateway's own. MgmtData says current, previous or next.
 */
export function certificatesDocument(keys: readonly SamlKey[]): string {
  const descriptors = keys.map(({ kid, state, certificate }) =>
    element(
      'KeyDescriptor',
      { xmlns: ns.metadata, use: 'signing' },
      element(
        'ds:KeyInfo',
        { 'xmlns:ds': ns.signature },
        leaf('ds:KeyName', {}, kid),
        leaf('ds:MgmtData', {}, state),
        element('ds:X509Data', {}, leaf('ds:X509Certificate', {}, certificate)),
      ),
    ),
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('Certificates', {}, ...descriptors)}\n`
}
