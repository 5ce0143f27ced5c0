import t from 'tap'
import { deriveKey, digestWith, openEnvelope, systemRandom } from '../../src/platform/index.ts'

const key = (id: string) => ({ id, key: systemRandom.bytes(32) })

t.test('what was sealed opens in its context and in no other', async (t) => {
  const envelope = openEnvelope([key('k1')])
  const sealed = envelope.seal('secret ñ', 'outbox.text.1')
  t.equal(envelope.open(sealed, 'outbox.text.1').toString(), 'secret ñ')
  t.same(envelope.open(envelope.seal(Buffer.from([0, 255]), 'x'), 'x'), Buffer.from([0, 255]))
  t.equal(envelope.open(envelope.seal('', 'x'), 'x').length, 0)
  t.throws(() => envelope.open(sealed, 'outbox.text.2'))
  t.not(envelope.seal('secret', 'x'), envelope.seal('secret', 'x'))
  t.notMatch(sealed, 'secret')
})

t.test('a changed or cut off value does not open', async (t) => {
  const envelope = openEnvelope([key('k1')])
  const sealed = envelope.seal('secret', 'x')
  const [id = '', salt = '', rest = ''] = sealed.split('.')
  const flip = (text: string) => {
    const bytes = Buffer.from(text, 'base64url')
    bytes[bytes.length - 1]! ^= 1
    return bytes.toString('base64url')
  }
  t.throws(() => envelope.open([id, salt, flip(rest)].join('.'), 'x'))
  t.throws(() => envelope.open([id, flip(salt), rest].join('.'), 'x'))
  t.throws(() => envelope.open([id, salt].join('.'), 'x'), { message: /cut off/ })
  t.throws(() => envelope.open('', 'x'))
})

t.test('the master key changes while running: new values take the first, old ones are opened by theirs', async (t) => {
  const [old, young] = [key('2025'), key('2026')]
  const sealed = openEnvelope([old]).seal('secret', 'x')
  const both = openEnvelope([young, old])
  t.equal(both.open(sealed, 'x').toString(), 'secret')
  const resealed = both.seal('secret', 'x')
  t.match(resealed, /^2026\./)
  t.equal(openEnvelope([young]).open(resealed, 'x').toString(), 'secret')
  t.throws(() => openEnvelope([young]).open(sealed, 'x'), { message: /No master key "2025"/ })
  const another = openEnvelope([{ id: '2025', key: young.key }])
  t.throws(() => another.open(sealed, 'x'), { message: /The master key 2025 is another/ }, 'the right name only')
})

t.test('keys that are none are refused at the start', async (t) => {
  t.throws(() => openEnvelope([]), { message: /at least one key/ })
  t.throws(() => openEnvelope([{ id: 'k1', key: Buffer.alloc(16) }]), { message: /k1 is not 32 bytes/ })
  t.throws(() => openEnvelope([{ id: 'k.1', key: Buffer.alloc(32) }]), { message: /letters, digits and dashes/ })
})

t.test('a digest depends on the key, the purpose and each part with its length', async (t) => {
  const digest = digestWith(Buffer.alloc(32, 1))
  t.equal(digest('pin', 'login', '123456'), digest('pin', 'login', '123456'))
  t.match(digest('pin', 'a'), /^[\w-]{43}$/)
  const all = [
    digest('pin', 'ab', 'c'),
    digest('pin', 'a', 'bc'),
    digest('pin', 'abc'),
    digest('pin', 'abc', ''),
    digest('pina', 'bc'),
    digestWith(Buffer.alloc(32, 2))('pin', 'abc'),
  ]
  t.equal(new Set(all).size, all.length)
})

t.test('each purpose gets a key of its own from a master key (RFC 5869)', async (t) => {
  const master = Buffer.alloc(32, 7)
  t.equal(deriveKey(master, 'pin').length, 32)
  t.same(deriveKey(master, 'pin'), deriveKey(master, 'pin'))
  t.not(deriveKey(master, 'pin').toString('hex'), deriveKey(master, 'cookie').toString('hex'))
})
