import { createHash, sign, type KeyObject } from 'node:crypto'

export interface CertificateContent {
  /** RSA. */
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** CN of subject and issuer; cut at the 64 characters that X.520 allows. */
  readonly commonName: string
  readonly notBefore: Date
  readonly notAfter: Date
}

/**
 * A self-signed X.509 certificate (RFC 5280) for a key that signs, PEM. SAML peers take the key from it and trust it because
 * the metadata carry it: nothing else in it is ever asked. Its serial number is taken from the key, so that two never share
 * one. (The thirty lines of DER spare the service a library of X.509 that it would load for this alone.)
 */
export function selfSignedCertificate(content: CertificateContent): string {
  const { privateKey, publicKey, notBefore, notAfter } = content
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const keyId = createHash('sha256').update(key).digest().subarray(0, 16)
  const name = sequence(set(sequence(oid(commonNameOid), der(0x0c, Buffer.from(content.commonName.slice(0, 64))))))
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), keyId])),
    rsaSha256,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    key,
    der(0xa3, sequence(extension(keyUsageOid, digitalSignature, critical), extension(keyIdOid, der(0x04, keyId)))),
  )
  const certificate = sequence(signed, rsaSha256, bits(sign('sha256', signed, privateKey)))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** One value of DER (X.690, 10.1): tag, length in as few bytes as it takes, contents. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const length = body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const set = (...parts: readonly Uint8Array[]): Buffer => der(0x31, ...parts)
const oid = (encoded: string): Buffer => der(0x06, Buffer.from(encoded, 'hex'))
const bits = (bytes: Uint8Array): Buffer => der(0x03, Buffer.from([0]), bytes)
const extension = (id: string, value: Uint8Array, ...flags: readonly Uint8Array[]): Buffer =>
  sequence(oid(id), ...flags, der(0x04, value))

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
function time(at: Date): Buffer {
  const digits = `${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  return at.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits))
}

const commonNameOid = '550403'
const keyUsageOid = '551d0f'
const keyIdOid = '551d0e'
const critical = der(0x01, Buffer.from([0xff]))
/** keyUsage with its first bit alone (RFC 5280, 4.2.1.3). */
const digitalSignature = der(0x03, Buffer.from([7, 0x80]))
/** sha256WithRSAEncryption, parameters NULL (RFC 4055, 5). */
const rsaSha256 = sequence(oid('2a864886f70d01010b'), der(0x05))
