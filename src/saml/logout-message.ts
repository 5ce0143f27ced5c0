import { sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import type { SamlKey } from '../platform/index.ts'
import { ns } from './names.ts'
import { errorStatus, outbound, successStatus, type ErrorStatus, type Outbound } from './outbound.ts'
import { nameIdElement } from './response.ts'
import { signingMethods } from './sign.ts'
import { leaf, type Xml } from './writer.ts'

export interface LogoutAnswer extends Outbound {
  readonly inResponseTo: string | undefined
  /**
   * `partial`: this session ended, others of its agencies were not reached (SAML 2.0 core, 3.7.3.2); false: nothing ended;
   * or what was wrong with the request.
   */
  readonly success: boolean | 'partial' | ErrorStatus
}

/** `key` undefined: unsigned, for `signedRedirect`. */
export const logoutResponse = (key: SamlKey | undefined, answer: LogoutAnswer): string =>
  outbound(key, answer, { name: 'LogoutResponse' }, logoutStatus(answer))

function logoutStatus({ face, success }: LogoutAnswer): Xml {
  if (typeof success === 'object') return errorStatus(success)
  if (success === false)
    return errorStatus({
      status: 'Responder',
      sub: 'RequestDenied',
      message: '203001 - The session could not be ended',
    })
  return successStatus(face, success === 'partial' ? 'PartialLogout' : undefined)
}

/** A request of ours to an agency of the standard face: all that names the citizen is as the assertion had it. */
export interface LogoutOrder extends Omit<Outbound, 'face' | 'inResponseTo'> {
  readonly nameId: string
  /** URI. */
  readonly nameIdFormat: string
  readonly spNameQualifier?: string
  readonly sessionIndex: string
  readonly notOnOrAfter: Date
}

/** `key` undefined: unsigned, for `signedRedirect`. */
export function logoutRequest(key: SamlKey | undefined, order: LogoutOrder): string {
  const { notOnOrAfter, sessionIndex } = order
  return outbound(
    key,
    { ...order, face: 'standard' },
    { name: 'LogoutRequest', notOnOrAfter, reason: 'urn:oasis:names:tc:SAML:2.0:logout:user' },
    nameIdElement(order.issuer, order, { 'xmlns:saml2': ns.assertion }),
    leaf('saml2p:SessionIndex', {}, sessionIndex),
  )
}

/**
 * The address that carries an unsigned message by HTTP-Redirect with a signature of its own, rsa-sha256 (SAML 2.0 bindings,
 * 3.4.4.1): the octets signed are those of the query as it stands in the address.
 */
export function signedRedirect(
  url: string,
  param: 'SAMLRequest' | 'SAMLResponse',
  xml: string,
  relayState: string | undefined,
  key: SamlKey,
): string {
  const fields = [
    [param, deflateRawSync(xml).toString('base64')],
    ...(relayState === undefined ? [] : [['RelayState', relayState]]),
    ['SigAlg', signingMethods.sha256.signature],
  ]
  const query = fields.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join('&')
  const value = sign('sha256', Buffer.from(query), key.privateKey).toString('base64')
  return `${url}${url.includes('?') ? '&' : '?'}${query}&Signature=${encodeURIComponent(value)}`
}
