import { deflateRawSync } from 'node:zlib'
import { SamlLib } from 'samlify'
import type { Random } from '../../platform/index.ts'
import type { Step } from './client.ts'
import type { SamlDealings } from './saml-dealings.ts'
import { certificateText, type SamlKeys } from './saml-keys.ts'

/** An xs:ID cannot begin with a digit. */
export const newId = (random: Random): string => `_${random.token()}`

export interface Outgoing {
  readonly field: 'SAMLRequest' | 'SAMLResponse' | 'logoutRequest'
  readonly address: string
  readonly xml: string
  readonly relayState: string | undefined
  /** 'redirect', else a form. */
  readonly binding: string
}

const algorithms = {
  clave: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  standard: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
} as const

/** Signs a message and says how the browser carries it. */
export function send(dealings: Pick<SamlDealings, 'agency' | 'keys'>, message: Outgoing): Step {
  const { keys, agency } = dealings
  const algorithm = algorithms[agency.face]
  if (message.binding === 'redirect') return { to: signedAddress(keys, algorithm, message) }
  const root = /^<saml2p:(\w+)/.exec(message.xml)![1]!
  const issuer = message.xml.includes('<saml2:Issuer>')
  const signed = SamlLib.constructSAMLSignature({
    rawSamlMessage: message.xml,
    referenceTagXPath: `/*[local-name(.)='${root}']`,
    privateKey: keys.privateKey,
    signingCert: certificateText(keys.certificate),
    signatureAlgorithm: algorithm,
    // Without an Issuer the Signature is the first child.
    signatureConfig: {
      prefix: 'ds',
      location: issuer
        ? { reference: `/*/*[local-name(.)='Issuer']`, action: 'after' }
        : { reference: '/*', action: 'prepend' },
    },
  })
  return { action: message.address, fields: { [message.field]: signed, RelayState: message.relayState } }
}

/** HTTP-Redirect: what is signed is the query (SAML 2.0 bindings, 3.4.4.1). */
function signedAddress(
  { privateKey }: SamlKeys,
  algorithm: string,
  { field, address, xml, relayState }: Outgoing,
): string {
  const values = {
    [field]: deflateRawSync(xml).toString('base64'),
    ...(relayState === undefined ? {} : { RelayState: relayState }),
    SigAlg: algorithm,
  }
  const octets = Object.entries(values)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
  const signature = SamlLib.constructMessageSignature(octets, privateKey, undefined, true, algorithm)
  return `${address}?${octets}&Signature=${encodeURIComponent(String(signature))}`
}
