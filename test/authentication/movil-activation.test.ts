import { createHmac, generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { beginActivation, confirmActivation, sendAnotherCode } from '../../src/authentication/movil/activate-device.ts'
import { findDevice, findDeviceOf, lockPhone } from '../../src/authentication/movil/device-table.ts'
import { endPhone } from '../../src/authentication/movil/end-phone.ts'
import { beginUnlock, confirmUnlock } from '../../src/authentication/movil/enrol-unlock.ts'
import { putSubscription } from '../../src/authentication/movil/subscription-table.ts'
import { endRegistration } from '../../src/citizen/index.ts'
import { endpointDigest } from '../../src/messaging/index.ts'
import { statement } from '../../src/platform/index.ts'
import { isRefusal } from '../../src/refusal/index.ts'
import { signWith, type AssertionOver } from '../support/phone.ts'
import {
  activePhone,
  begun,
  callOf,
  caller,
  carmen,
  claimOf,
  confirm,
  movilScene,
  newPhone,
  refusedWith,
  right,
} from './movil-scene.ts'
import { citizen, codeOf, notThis } from './scene.ts'

const active = statement<{ id: string }>('test.active-devices', 'select id from device where ended_at is null')
const block = statement('test.block-movil', `update citizen set blocked_methods = '{movil}' where id = $1`)

t.test('document and contrast send a code by SMS; the code and a proven key activate the phone', async (t) => {
  const s = await movilScene(t)
  const answer = right(await beginActivation(s.parts, claimOf(), caller))
  t.equal(answer.phone, carmen.phone?.slice(-3))
  t.match(s.sent, [{ to: carmen.phone, text: { kind: 'movil-code' } }])
  const phone = newPhone()
  const { device, former } = right(
    await confirm(s, { activation: answer.activation, code: codeOf(s.sent.at(-1)) }, phone),
  )
  t.equal(former, false)
  t.match(await findDevice(s.db, device), {
    citizen: carmen.id,
    key: phone.key,
    name: 'Android, Chrome',
    mustScan: false,
  })
  t.match(s.sent.at(-1), { to: carmen.phone, text: { kind: 'movil-activated' } }, 'its owner is told')
  t.match(await s.told(carmen.id), [{ kind: 'device-activated', data: { device, address: caller.address } }])
})

t.test('until the contrast is right nothing tells whether there is such a person', async (t) => {
  const s = await movilScene(t)
  const wrong = { ...claimOf(), contrast: { kind: 'date', date: '2031-06-29' } } as const
  t.equal(refusedWith(await beginActivation(s.parts, wrong, caller)), 'CITIZEN-01-not-recognised')
  const nobody = { ...wrong, document: '00000000T' }
  t.equal(refusedWith(await beginActivation(s.parts, nobody, caller)), 'CITIZEN-01-not-recognised')
  t.equal(
    refusedWith(await beginActivation(s.parts, claimOf(citizen('99999995C')), caller)),
    'CITIZEN-03-not-registered',
    'who is not registered hears so, and may register',
  )
  t.equal(s.sent.length, 0)
})

t.test('a code activates one phone: of 20 phones that type it at once one is active, and later none', async (t) => {
  const s = await movilScene(t)
  const one = await begun(s)
  const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(s, one, newPhone())))
  t.equal(answers.filter((answer) => !isRefusal(answer)).length, 1)
  t.ok(answers.filter((answer) => isRefusal(answer)).every((answer) => refusedWith(answer) === 'CODE-02-dead'))
  t.equal((await s.db.rows(active)).length, 1)
  t.equal(refusedWith(await confirm(s, one, newPhone())), 'CODE-02-dead')
  t.equal(refusedWith(await sendAnotherCode(s.parts, one.activation, caller)), 'CODE-02-dead', 'it is over')
})

t.test('of phones activated at once, each with its own code, one stays, and the owner hears of each', async (t) => {
  const s = await movilScene(t)
  const all = [await begun(s), await begun(s), await begun(s), await begun(s)]
  const answers = (await Promise.all(all.map((one) => confirm(s, one, newPhone())))).map((answer) => right(answer))
  const [left, ...others] = await s.db.rows(active)
  t.same(others, [])
  t.ok(answers.some(({ device }) => device === left?.id))
  t.equal(answers.filter(({ former }) => former).length, 3)
  const kinds = (await s.told(carmen.id)).map(({ kind }) => kind)
  t.equal(kinds.filter((kind) => kind === 'device-activated').length, 4)
  t.equal(kinds.filter((kind) => kind === 'device-ended').length, 3)
  t.equal(s.sent.filter(({ text }) => text.kind === 'movil-activated').length, 4)
})

t.test('another phone ends the former one, which is pushed the news', async (t) => {
  const s = await movilScene(t)
  const former = await activePhone(s)
  const subscription = { endpoint: 'https://push.example/1', p256dh: 'p', auth: 'a' }
  t.ok(await putSubscription(s.parts, former.device, subscription, endpointDigest(subscription.endpoint)))
  const now = await activePhone(s)
  t.equal(await findDevice(s.db, former.device), undefined)
  t.match(await findDeviceOf(s.db, carmen.id), { id: now.device })
  t.match(s.pushes, [{ to: subscription, text: { kind: 'device-ended' } }])
  t.notOk(await putSubscription(s.parts, former.device, subscription, 'x'), 'an ended phone is not pushed to')
})

t.test('three wrong codes kill it, each counts for the citizen, and the code is bound to its activation', async (t) => {
  const s = await movilScene(t)
  const one = await begun(s)
  const two = await begun(s)
  t.equal(refusedWith(await confirm(s, { ...one, code: two.code }, newPhone())), 'CODE-01-wrong')
  const wrong = { ...one, code: notThis(one.code) }
  t.match(await confirm(s, wrong, newPhone()), { refused: 'CODE-01-wrong', details: { count: 1 } })
  t.match(await confirm(s, wrong, newPhone()), { refused: 'CODE-02-dead' })
  t.equal(refusedWith(await confirm(s, one, newPhone())), 'CODE-02-dead', 'the right one comes too late')
  t.match(await s.parts.lockout.failed(s.db, 'code', carmen.document, false), { failures: 4 }, 'three, and this one')
  right(await confirm(s, two, newPhone()))
})

t.test('what is no code at all is not counted, and a code may be asked anew', async (t) => {
  const s = await movilScene(t)
  const one = await begun(s)
  for (const code of ['', '12345', 'abcdef']) {
    t.equal(refusedWith(await confirm(s, { ...one, code }, newPhone())), 'CODE-01-wrong')
  }
  right(await sendAnotherCode(s.parts, one.activation, caller))
  t.equal(refusedWith(await confirm(s, one, newPhone())), 'CODE-01-wrong', 'the former code is dead')
  right(await confirm(s, { ...one, code: codeOf(s.sent.at(-1)) }, newPhone()))
})

t.test('a code dies with its time, and an activation with its own', async (t) => {
  const s = await movilScene(t)
  const one = await begun(s)
  s.clock.advance(s.parts.limits.codeLifetime)
  t.equal(refusedWith(await confirm(s, one, newPhone())), 'CODE-02-dead')
  s.clock.advance(s.parts.limits.loginLifetime)
  t.equal(refusedWith(await sendAnotherCode(s.parts, one.activation, caller)), 'CODE-02-dead')
  t.equal(refusedWith(await sendAnotherCode(s.parts, 'made up', caller)), 'CODE-02-dead')
})

t.test('who gave the registration up, or blocked Cl@ve Móvil, since the code was sent activates nothing', async (t) => {
  const s = await movilScene(t)
  const one = await begun(s)
  await s.db.rows(block, [carmen.id])
  t.equal(refusedWith(await confirm(s, one, newPhone())), 'CITIZEN-07-method-blocked')
  t.equal(refusedWith(await sendAnotherCode(s.parts, one.activation, caller)), 'CITIZEN-07-method-blocked')
  const two = await begun(s, citizen('99999998T'))
  await s.db.transaction((tx) => endRegistration(tx, citizen('99999998T').id, s.clock.now()))
  t.equal(refusedWith(await confirm(s, two, newPhone())), 'CITIZEN-04-renounced')
  t.same(await s.db.rows(active), [])
})

t.test('renuncia and activation at once leave no phone behind', async (t) => {
  const s = await movilScene(t)
  const one = await begun(s)
  const renounce = s.db.transaction(async (tx) => {
    // In the order of the renuncia (src/account/give-up.ts).
    await lockPhone(tx, carmen.id)
    await endRegistration(tx, carmen.id, s.clock.now())
    await endPhone(tx, s.parts, carmen.id, { why: 'renuncia' })
  })
  await Promise.all([renounce, confirm(s, one, newPhone())])
  t.same(await s.db.rows(active), [])
})

t.test('a key is activated by who has it only, in its one form, for this activation and now', async (t) => {
  const s = await movilScene(t)
  const one = await begun(s)
  const phone = newPhone()
  const stranger = newPhone()
  const [iat, long] = [Math.floor(s.clock.wire().getTime() / 1000), 'x'.repeat(5_000)]
  const { x, y } = phone.key
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const attempts: Readonly<Record<string, readonly [key: unknown, proof: string]>> = {
    "another phone's signature": [phone.key, stranger.proof(one.activation)],
    'for another activation': [phone.key, phone.proof((await begun(s)).activation)],
    'for another service': [phone.key, phone.proof(one.activation, { aud: 'https://clave.example.org' })],
    old: [phone.key, phone.proof(one.activation, { iat: iat - 301 })],
    'from the future': [phone.key, phone.proof(one.activation, { iat: iat + 400 })],
    'a time that is none': [phone.key, phone.proof(one.activation, { iat: String(iat) })],
    'another kind of word': [
      phone.key,
      phone.word('clave-movil-call+jwt', { aud: 'https://clave.example', activation: one.activation, iat }),
    ],
    'a private key': [{ ...phone.key, d: x }, phone.proof(one.activation)],
    'not on the curve': [{ ...phone.key, y: x }, phone.proof(one.activation)],
    'another curve': [p384.publicKey.export({ format: 'jwk' }), phone.proof(one.activation)],
    RSA: [rsa.publicKey.export({ format: 'jwk' }), phone.proof(one.activation)],
    symmetric: [{ kty: 'oct', k: x }, phone.proof(one.activation)],
    'no key': ['key', phone.proof(one.activation)],
    'no word': [phone.key, 'a.b.c'],
    'too long': [phone.key, phone.proof(one.activation, { activation: long })],
    'HS256 under the public key': [
      phone.key,
      phone.proof(
        one.activation,
        {},
        {
          header: { alg: 'HS256' },
          signer: (input) =>
            createHmac('sha512', JSON.stringify({ kty: 'EC', crv: 'P-256', x, y }))
              .update(input)
              .digest(),
        },
      ),
    ],
    'a named device': [phone.key, phone.proof(one.activation, {}, { header: { kid: carmen.id } })],
    'a key in its header': [
      phone.key,
      stranger.proof(one.activation, {}, { header: { jwk: stranger.key }, signer: signWith(p384.privateKey) }),
    ],
  }
  for (const [what, [key, proof]] of Object.entries(attempts)) {
    const sent = { activation: one.activation, code: one.code, key, name: '', proof }
    t.equal(refusedWith(await confirmActivation(s.parts, sent, caller)), 'MOVIL-02-not-genuine', what)
  }
  right(await confirm(s, one, phone))
})

t.test('the name that a phone gives itself is cut and freed of what is no text', async (t) => {
  const s = await movilScene(t)
  const { activation, code } = await begun(s)
  const phone = newPhone()
  const name = `\0\u202E Android \n${'x'.repeat(500)}\ud800`
  const { device } = right(
    await confirmActivation(
      s.parts,
      { activation, code, key: phone.key, name, proof: phone.proof(activation) },
      caller,
    ),
  )
  t.equal((await findDevice(s.db, device))?.name, `Android ${'x'.repeat(52)}`)
})

t.test("the phone's own unlock is added once, in its first quarter of an hour, for the challenge sent", async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s, carmen, false)
  const call = await callOf(s, phone)
  t.equal(call.device.credential, undefined)
  const options = right(await beginUnlock(s.parts, call))
  t.match(options, {
    rp: { id: 'clave.example' },
    attestation: 'none',
    authenticatorSelection: { userVerification: 'required', authenticatorAttachment: 'platform' },
  })
  t.notMatch(JSON.stringify(options), /CARMEN|99999999/, 'nothing of the person')
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => confirmUnlock(s.parts, call, phone.unlock.create(options))),
  )
  t.equal(answers.filter((answer) => answer === 'enrolled').length, 1)
  const enrolled = await callOf(s, phone)
  t.match(enrolled.device.credential, { counter: 0 })
  t.equal(refusedWith(await beginUnlock(s.parts, enrolled)), 'MOVIL-01-gone', 'there is one')
  t.equal(refusedWith(await confirmUnlock(s.parts, enrolled, phone.unlock.create(options))), 'MOVIL-01-gone')
  const late = await activePhone(s, carmen, false)
  const before = right(await beginUnlock(s.parts, await callOf(s, late)))
  s.clock.advance(900)
  t.equal(refusedWith(await beginUnlock(s.parts, await callOf(s, late))), 'MOVIL-01-gone')
  t.equal(refusedWith(await confirmUnlock(s.parts, await callOf(s, late), late.unlock.create(before))), 'MOVIL-01-gone')
})

t.test('a credential counts that this phone made here, unlocked, for this challenge (WebAuthn 7.1)', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s, carmen, false)
  const call = await callOf(s, phone)
  const attempts: Readonly<Record<string, AssertionOver>> = {
    'another site': { origin: 'https://clave.example.org' },
    'another RP id': { rpId: 'clave.example.org' },
    'not unlocked': { flags: 1 },
    'nobody there': { flags: 4 },
    'another challenge': { challenge: Buffer.alloc(32).toString('base64url') },
    'an assertion': { type: 'webauthn.get' },
    "in a frame of another's page": { crossOrigin: true },
  }
  for (const [what, over] of Object.entries(attempts)) {
    const options = right(await beginUnlock(s.parts, call))
    t.equal(
      refusedWith(await confirmUnlock(s.parts, call, phone.unlock.create(options, over))),
      'MOVIL-02-not-genuine',
      what,
    )
  }
  for (const response of [{}, { id: 'x', rawId: 'x', type: 'public-key', response: { clientDataJSON: 3 } }]) {
    right(await beginUnlock(s.parts, call))
    t.equal(refusedWith(await confirmUnlock(s.parts, call, response)), 'MOVIL-02-not-genuine')
  }
  t.equal((await callOf(s, phone)).device.credential, undefined)
})

t.test('an ended phone ends once, and the audit says why and from where', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const ending = { why: 'by-citizen', browser: 'a browser', address: '192.0.2.1' } as const
  const ends = await Promise.all(
    Array.from({ length: 5 }, () => s.db.transaction((tx) => endPhone(tx, s.parts, carmen.id, ending))),
  )
  t.equal(ends.filter(Boolean).length, 1)
  t.equal(await findDevice(s.db, phone.device), undefined)
  t.match((await s.told(carmen.id)).slice(1), [{ kind: 'device-ended', data: ending }])
})
