import type { SamlKey } from '../platform/index.ts'
import { bindings, nameIdFormats, ns } from './names.ts'
import { doors } from './paths.ts'
import { signed, signingProfile } from './sign.ts'
import { element, leaf, verbatim, type Xml } from './writer.ts'

export interface MetadataFacts {
  /** Our entityID: BASE_URL, under which the doors are. */
  readonly entityId: string
  /** An NCName never used before. */
  readonly id: string
  readonly validUntil: Date
}

/**
 * What peers of the standard face read of us (SAML 2.0 metadata), signed rsa-sha256 by the current key. Every live
 * certificate stands in it, the current one first: a peer that read it while a key was `next` goes on when that key signs.
 */
export function idpMetadata(keys: readonly SamlKey[], { entityId, id, validUntil }: MetadataFacts): string {
  const order = ['current', 'next', 'previous']
  const live = keys.toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state))
  const attributes = {
    'xmlns:md': ns.metadata,
    ID: id,
    entityID: entityId,
    validUntil: validUntil.toISOString(),
  }
  const role = element(
    'md:IDPSSODescriptor',
    { WantAuthnRequestsSigned: 'true', protocolSupportEnumeration: ns.protocol },
    ...live.map(keyDescriptor),
    ...services('md:SingleLogoutService', `${entityId}${doors.slo}`),
    leaf('md:NameIDFormat', {}, nameIdFormats.persistent),
    leaf('md:NameIDFormat', {}, nameIdFormats.transient),
    ...services('md:SingleSignOnService', `${entityId}${doors.sso}`),
  )
  return signed({ name: 'md:EntityDescriptor', attributes, before: [], after: [role] }, keys[0], profile)
}

const profile = signingProfile('sha256')

const services = (name: string, location: string): readonly Xml[] =>
  [bindings.redirect, bindings.post].map((binding) => element(name, { Binding: binding, Location: location }))

const keyDescriptor = ({ certificate, kid }: SamlKey): Xml =>
  element(
    'md:KeyDescriptor',
    { use: 'signing' },
    element(
      'ds:KeyInfo',
      { 'xmlns:ds': ns.signature },
      leaf('ds:KeyName', {}, kid),
      element('ds:X509Data', {}, element('ds:X509Certificate', {}, verbatim(certificate))),
    ),
  )
