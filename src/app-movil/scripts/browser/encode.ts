/** Octets and texts as the interface of the app writes them. */

export type Octets = Uint8Array<ArrayBuffer>

const texts = new TextEncoder()

export const octetsOf = (text: string): Octets => texts.encode(text)

/** Base64url without padding (RFC 4648, 5). */
export function toBase64url(octets: ArrayBuffer | Octets): string {
  let binary = ''
  for (const octet of new Uint8Array(octets)) binary += String.fromCharCode(octet)
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')
}

export function fromBase64url(text: string): Octets {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

export const sha256 = (text: string): Promise<ArrayBuffer> => crypto.subtle.digest('SHA-256', octetsOf(text))
