import { refusal, type Refusal } from '../refusal/index.ts'
import type { SamlRelyingParty } from '../relying-party/index.ts'
import type { SamlParts } from './parts.ts'

export type Face = 'clave' | 'standard'

interface Names {
  readonly providerName?: string | undefined
  readonly issuer?: string | undefined
}

/** What comes before the semicolon names the provider; after it its application, for display (clave-saml-profile, 2). */
export function splitProviderName(providerName: string): { readonly name: string; readonly application?: string } {
  const at = providerName.indexOf(';')
  if (at < 0) return { name: providerName.trim() }
  const application = providerName.slice(at + 1).trim()
  return { name: providerName.slice(0, at).trim(), ...(application === '' ? {} : { application }) }
}

/**
 * The name by which the sender is registered: on the gateway's face ProviderName, else Issuer as an alias; on the standard
 * one the Issuer alone, since ProviderName is a text for people there (SAML 2.0 core, 3.4.1).
 */
export function senderName(face: Face, { providerName, issuer }: Names): string | undefined {
  const named = face === 'clave' && providerName !== undefined ? splitProviderName(providerName).name : issuer
  return named === '' ? undefined : named
}

/** Who says to be asking: whose certificates to verify with, and nothing more until they did. */
export async function findSender(parts: SamlParts, face: Face, names: Names): Promise<SamlRelyingParty | Refusal> {
  const name = senderName(face, names)
  if (name === undefined)
    return refusal('SAML-08-unknown-provider', { reason: 'The message has neither ProviderName nor Issuer.' })
  const found = await parts.relyingParties.findBySamlName(name)
  if (!found)
    return refusal('SAML-08-unknown-provider', { reason: `No relying party is registered as "${shown(name)}".` })
  return found.saml.face === face ? found : wrongFace(found)
}

export function wrongFace({ saml }: SamlRelyingParty): Refusal {
  const right = saml.face === 'clave' ? '/Proxy2/ServiceProvider' : '/saml/sso and /saml/slo'
  return refusal('SAML-09-not-allowed', { reason: `This service provider is registered for ${right}.` })
}

export const redirectOff = (party: SamlRelyingParty): Refusal => ({
  ...wrongFace(party),
  details: { reason: 'This service provider is not registered for HTTP-Redirect; send the message by POST.' },
})

/** Whether what was signed names the one whose certificates verified it. */
export function isFrom(face: Face, names: Names, party: SamlRelyingParty): boolean {
  const name = senderName(face, names)
  return name !== undefined && [party.saml.name, ...party.saml.aliases].includes(name)
}

/** As much of a name as helps to find the fault. */
export const shown = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text)
