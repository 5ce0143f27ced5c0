import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { selfSignedCertificate } from '../../platform/index.ts'

/** What an agency signs with, and reads what was encrypted for it. */
export interface SamlKeys {
  /** PKCS #8, PEM. */
  readonly privateKey: string
  /** Self-signed, PEM. */
  readonly certificate: string
}

const year = 365 * 86_400_000

/** A new RSA key with a certificate of one year: an agency's demonstration has no past to keep. */
export async function makeSamlKeys(commonName: string, notBefore: Date): Promise<SamlKeys> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const notAfter = new Date(notBefore.getTime() + year)
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificate: selfSignedCertificate({ privateKey, publicKey, commonName, notBefore, notAfter }),
  }
}

/** As it stands in XML: base64 of the DER, in one line. */
export const certificateText = (pem: string): string => pem.replace(/-----[^-]+-----|\s/g, '')
