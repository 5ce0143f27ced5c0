import { sign, X509Certificate, createHash, type KeyObject } from 'node:crypto'

/** A certificate as src/relying-party registers it. */
export interface TestCertificate {
  readonly pem: string
  /** SHA-256 of the DER, hex, lower case. */
  readonly fingerprint: string
  /** ISO 8601. */
  readonly notBefore: string
  readonly notAfter: string
}

export interface TestCertificateContent {
  /** RSA or EC. */
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly commonName: string
  readonly notBefore: Date
  readonly notAfter: Date
}

/** Self-signed, and so small that it says nothing but whose key it is and when it holds (RFC 5280, 4.1). */
export function testCertificate({ privateKey, publicKey, ...content }: TestCertificateContent): TestCertificate {
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const algorithm = der(0x30, ...algorithms[publicKey.asymmetricKeyType as keyof typeof algorithms])
  const commonName = der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from(content.commonName)))
  const name = der(0x30, der(0x31, commonName))
  const serial = der(0x02, Buffer.from([1]), createHash('sha256').update(key).digest().subarray(0, 15))
  const validity = der(0x30, time(content.notBefore), time(content.notAfter))
  const body = der(0x30, der(0xa0, der(0x02, Buffer.from([2]))), serial, algorithm, name, validity, name, key)
  const signature = sign('sha256', body, privateKey)
  const { raw } = new X509Certificate(der(0x30, body, algorithm, der(0x03, Buffer.from([0]), signature)))
  return {
    pem: `-----BEGIN CERTIFICATE-----\n${raw.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`,
    fingerprint: createHash('sha256').update(raw).digest('hex'),
    notBefore: content.notBefore.toISOString(),
    notAfter: content.notAfter.toISOString(),
  }
}

// sha256WithRSAEncryption with its NULL, ecdsa-with-SHA256 without.
const algorithms = {
  rsa: [Buffer.from('06092a864886f70d01010b0500', 'hex')],
  ec: [Buffer.from('06082a8648ce3d040302', 'hex')],
}

/** One value of DER: tag, length, contents. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const inside = Buffer.concat(contents)
  const { length } = inside
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), inside])
}

/** GeneralizedTime, without fractions. */
const time = (at: Date) => der(0x18, Buffer.from(`${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`))
