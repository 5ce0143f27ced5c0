import { constants, createCipheriv, createSecretKey, publicEncrypt, X509Certificate, type KeyObject } from 'node:crypto'
import type { Random } from '../platform/index.ts'
import type { SamlCertificate, SamlEncryption } from '../relying-party/index.ts'
import { ns } from './names.ts'
import { base64, element, type Xml } from './writer.ts'

const contents = {
  'aes256-gcm': { nonce: 12, algorithm: `${ns.encryption11}aes256-gcm` },
  'aes256-cbc': { nonce: 16, algorithm: `${ns.encryption}aes256-cbc` },
} as const

/**
 * The assertion for the eyes of one peer (SAML 2.0 core, 2.3.4; XML Encryption 1.1): AES-256 under a fresh key, which is
 * wrapped by RSA-OAEP. `assertion` declares every prefix that it uses, since it is read alone.
 */
export function encryptAssertion(assertion: Xml, encryption: SamlEncryption, random: Pick<Random, 'bytes'>): Xml {
  const key = random.bytes(32)
  const data = element(
    'xenc:EncryptedData',
    { 'xmlns:xenc': ns.encryption, Type: `${ns.encryption}Element` },
    element('xenc:EncryptionMethod', { Algorithm: contents[encryption.content].algorithm }),
    element('ds:KeyInfo', { 'xmlns:ds': ns.signature }, wrappedKey(key, encryption)),
    cipherData(encrypt(encryption.content, key, assertion, random)),
  )
  key.fill(0)
  return element('saml2:EncryptedAssertion', { 'xmlns:saml2': ns.assertion }, data)
}

/** Nonce, text and tag (AES-GCM); nonce and text (AES-CBC, whose padding is one of those that XML Encryption takes). */
function encrypt(
  content: SamlEncryption['content'],
  key: Buffer,
  plain: string,
  random: Pick<Random, 'bytes'>,
): Buffer {
  const { nonce: length } = contents[content]
  const nonce = random.bytes(length)
  const secret = createSecretKey(key)
  if (content === 'aes256-cbc') {
    const cipher = createCipheriv('aes-256-cbc', secret, nonce)
    return Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final()])
  }
  const cipher = createCipheriv('aes-256-gcm', secret, nonce)
  return Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

function wrappedKey(key: Buffer, { certificate, keyDigest }: SamlEncryption): Xml {
  const publicKey = publicKeyOf(certificate)
  const { RSA_PKCS1_OAEP_PADDING: padding } = constants
  // A key alone means OAEP with SHA-1. Options cost Node two errors thrown and caught while it looks whether they are a key.
  const wrapped = publicEncrypt(
    keyDigest === 'sha1' ? publicKey : { key: publicKey, padding, oaepHash: keyDigest },
    key,
  )
  return element('xenc:EncryptedKey', {}, wrappings[keyDigest], cipherData(wrapped))
}

/** rsa-oaep-mgf1p always has MGF1 with SHA-1; with SHA-256 the name of XML Encryption 1.1 is needed, which names both. */
const wrappings: Readonly<Record<SamlEncryption['keyDigest'], Xml>> = {
  sha1: element(
    'xenc:EncryptionMethod',
    { Algorithm: `${ns.encryption}rsa-oaep-mgf1p` },
    element('ds:DigestMethod', { Algorithm: `${ns.signature}sha1` }),
  ),
  sha256: element(
    'xenc:EncryptionMethod',
    { Algorithm: `${ns.encryption11}rsa-oaep` },
    element('ds:DigestMethod', { Algorithm: `${ns.encryption}sha256` }),
    element('xenc11:MGF', { 'xmlns:xenc11': ns.encryption11, Algorithm: `${ns.encryption11}mgf1sha256` }),
  ),
}

const cipherData = (value: Buffer): Xml =>
  element('xenc:CipherData', {}, element('xenc:CipherValue', {}, base64(value)))

/** By fingerprint: reading a certificate costs as much as wrapping a key, and the registry hands it out anew each time. */
const publicKeys = new Map<string, KeyObject>()
const keptKeys = 500

function publicKeyOf({ pem, fingerprint }: SamlCertificate): KeyObject {
  const known = publicKeys.get(fingerprint)
  if (known) return known
  const { publicKey } = new X509Certificate(pem)
  if (publicKeys.size >= keptKeys) publicKeys.clear()
  publicKeys.set(fingerprint, publicKey)
  return publicKey
}
