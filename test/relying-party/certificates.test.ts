import t from 'tap'
import {
  readCertificate,
  readCertificates,
  readEncryptionCertificate,
} from '../../src/relying-party/check-certificates.ts'
import { makeKeyPair } from '../support/saml-signer.ts'
import { base64Of, ec, inDays, other, sp } from './sp-metadata.ts'

const now = new Date()

t.test('a certificate is PEM or bare base64, and its fingerprint is computed here', async (t) => {
  t.same(readCertificate(sp.certificate.pem), {
    ...sp.certificate,
    pem: `${sp.certificate.pem.trim()}\n`,
    notBefore: (readCertificate(sp.certificate.pem) as { notBefore: string }).notBefore,
    notAfter: (readCertificate(sp.certificate.pem) as { notAfter: string }).notAfter,
  })
  const bare = base64Of(sp)
  for (const text of [bare, ` ${bare.replace(/.{64}/g, '$&\r\n')} `, `\n${sp.certificate.pem}\n\n`])
    t.match(readCertificate(text), { fingerprint: sp.certificate.fingerprint })
  t.match(readCertificate(ec.certificate.pem), { fingerprint: ec.certificate.fingerprint })
})

t.test('what is no certificate, or holds a weak key, is refused', async (t) => {
  const [short, p521] = [makeKeyPair('rsa-1024'), makeKeyPair('P-521')]
  t.match(readCertificate(short.certificate.pem), /2048 bits/)
  t.match(readCertificate(p521.certificate.pem), { fingerprint: /^[0-9a-f]{64}$/ })
  const key = sp.key.export({ type: 'pkcs8', format: 'pem' }) as string
  for (const value of ['', 'x', 'AAAA', key, sp.certificate.pem + other.certificate.pem, 42, null, 'A'.repeat(30_000)])
    t.type(readCertificate(value), 'string', String(value).slice(0, 40))
  t.match(readEncryptionCertificate(ec.certificate.pem, now), /RSA/)
})

t.test('several may overlap; one twice, or none that lives, is refused', async (t) => {
  const old = makeKeyPair('rsa-2048', { notBefore: new Date(inDays(-9)), notAfter: new Date(inDays(-1)) })
  const pems = (...pairs: (typeof sp)[]) => pairs.map(({ certificate }) => certificate.pem)
  t.equal(readCertificates(pems(sp, other, ec), now).length, 3)
  t.equal(readCertificates(pems(old, sp), now).length, 2, 'an expired one beside another does no harm')
  t.match(readCertificates(pems(old), now), /has not expired/)
  t.match(readCertificates([sp.certificate.pem, base64Of(sp)], now), /twice/)
  t.match(readCertificates([...pems(sp), 'x'], now), /^\[1\] /)
  t.match(readEncryptionCertificate(old.certificate.pem, now), /expired/)
  for (const value of [[], 'x', undefined, Array.from({ length: 11 }, () => sp.certificate.pem)])
    t.match(readCertificates(value, now), /1 to 10/)
})
