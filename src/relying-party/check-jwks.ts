import { createPublicKey } from 'node:crypto'

/** Members that only a private or a shared key has (RFC 7518, 6.2.2, 6.3.2, 6.4). */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** A JWK set (RFC 7517) of public signing keys that we can verify with: the fault in words, or nothing. */
export function faultOfJwks(value: unknown): string | undefined {
  const keys = isRecord(value) ? value['keys'] : undefined
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > 20) return 'must be {"keys": […]} with 1 to 20 keys'
  const kids = keys.map((key) => (isRecord(key) ? key['kid'] : undefined)).filter((kid) => kid !== undefined)
  if (new Set(kids).size !== kids.length) return 'must not have two keys of one kid'
  for (const [index, key] of keys.entries()) {
    const fault = faultOfKey(key)
    if (fault) return `keys[${index}] ${fault}`
  }
  return undefined
}

function faultOfKey(key: unknown): string | undefined {
  if (!isRecord(key)) return 'must be an object'
  if (secretMembers.some((member) => member in key))
    return 'holds a private or shared key: send the public part only, and make a new key'
  if (key['kid'] !== undefined && typeof key['kid'] !== 'string') return 'must have a text as kid'
  if (key['use'] !== undefined && key['use'] !== 'sig') return 'must be for signatures (use "sig")'
  const algs = algsOf(key)
  if (!algs) return 'must be an EC key on P-256 or an RSA key'
  if (key['alg'] !== undefined && !algs.includes(key['alg'] as string))
    return `must have one of ${algs.join(', ')} as alg, or none`
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: key, format: 'jwk' })
    if (key['kty'] === 'RSA' && (asymmetricKeyDetails?.modulusLength ?? 0) < 2048) return 'must have at least 2048 bits'
    return undefined
  } catch {
    return 'is no well-formed public key'
  }
}

function algsOf(key: Record<string, unknown>): readonly string[] | undefined {
  if (key['kty'] === 'RSA') return ['PS256', 'RS256']
  return key['kty'] === 'EC' && key['crv'] === 'P-256' ? ['ES256'] : undefined
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
