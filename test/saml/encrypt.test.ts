import { createDecipheriv, privateDecrypt, subtle } from 'node:crypto'
import t from 'tap'
import { systemRandom } from '../../src/platform/index.ts'
import { encryptAssertion } from '../../src/saml/encrypt.ts'
import { leaf } from '../../src/saml/writer.ts'
import { encryptions, found, keyAndCertificate, spCertificate, spKey } from './outgoing.ts'

const assertion = leaf('saml2:Assertion', { 'xmlns:saml2': 'urn:oasis:names:tc:SAML:2.0:assertion' }, 'MUÑOZ 😀')
const value = (xml: string, of: string) =>
  Buffer.from(found(xml, `//xenc:${of}/xenc:CipherData/xenc:CipherValue`)[0]!, 'base64')

/** By WebCrypto, which knows OAEP with SHA-256 as XML Encryption 1.1 means it: digest and mask alike. */
async function unwrapped(xml: string, hash: 'SHA-1' | 'SHA-256'): Promise<Buffer> {
  const pkcs8 = spKey.privateKey.export({ type: 'pkcs8', format: 'der' })
  const key = await subtle.importKey('pkcs8', new Uint8Array(pkcs8), { name: 'RSA-OAEP', hash }, false, ['decrypt'])
  return Buffer.from(await subtle.decrypt({ name: 'RSA-OAEP' }, key, new Uint8Array(value(xml, 'EncryptedKey'))))
}

for (const encryption of encryptions) {
  const { content, keyDigest } = encryption
  const xml = encryptAssertion(assertion, encryption, systemRandom)
  t.test(`${content} under OAEP with ${keyDigest} names its algorithms and opens`, async (t) => {
    const isNew = keyDigest === 'sha256'
    t.same(found(xml, '//xenc:EncryptedData/xenc:EncryptionMethod/@Algorithm'), [
      content === 'aes256-gcm'
        ? 'http://www.w3.org/2009/xmlenc11#aes256-gcm'
        : 'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
    ])
    t.same(
      found(xml, '//xenc:EncryptedKey/xenc:EncryptionMethod//@Algorithm'),
      isNew
        ? [
            'http://www.w3.org/2009/xmlenc11#rsa-oaep',
            'http://www.w3.org/2001/04/xmlenc#sha256',
            'http://www.w3.org/2009/xmlenc11#mgf1sha256',
          ]
        : ['http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p', 'http://www.w3.org/2000/09/xmldsig#sha1'],
    )
    const key = await unwrapped(xml, isNew ? 'SHA-256' : 'SHA-1')
    t.equal(key.length, 32)
    t.equal(
      content === 'aes256-gcm' ? gcm(key, value(xml, 'EncryptedData')) : cbc(key, value(xml, 'EncryptedData')),
      assertion,
    )
  })
}

t.test('no two messages share a key, a nonce or a wrapping', async (t) => {
  const two = encryptions.slice(0, 1).flatMap((one) => [1, 2].map(() => encryptAssertion(assertion, one, systemRandom)))
  const keys = await Promise.all(two.map((xml) => unwrapped(xml, 'SHA-1')))
  t.not(keys[0]?.toString('hex'), keys[1]?.toString('hex'))
  for (const place of ['EncryptedKey', 'EncryptedData'])
    t.not(
      value(two[0]!, place).subarray(0, 12).toString('hex'),
      value(two[1]!, place).subarray(0, 12).toString('hex'),
      place,
    )
})

t.test('each agency is wrapped for by its own certificate, whoever came before', async (t) => {
  const other = keyAndCertificate('other.test')
  const theirs = { ...spCertificate, pem: other.certificatePem, fingerprint: 'other' }
  const xml = encryptAssertion(assertion, { ...encryptions[0]!, certificate: theirs }, systemRandom)
  await t.rejects(unwrapped(xml, 'SHA-1'))
  const privateKey = { key: other.privateKey, oaepHash: 'sha1' }
  t.equal(privateDecrypt(privateKey, value(xml, 'EncryptedKey')).length, 32)
  for (let i = 0; i < 600; i++)
    encryptAssertion(assertion, { ...encryptions[0]!, certificate: { ...theirs, fingerprint: `${i}` } }, systemRandom)
  const again = encryptAssertion(assertion, encryptions[0]!, systemRandom)
  t.equal((await unwrapped(again, 'SHA-1')).length, 32)
})

function gcm(key: Buffer, sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAuthTag(sealed.subarray(-16))
  return decipher.update(sealed.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8')
}

function cbc(key: Buffer, sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-cbc', key, sealed.subarray(0, 16))
  return decipher.update(sealed.subarray(16), undefined, 'utf8') + decipher.final('utf8')
}
