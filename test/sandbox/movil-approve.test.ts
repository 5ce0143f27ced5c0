import t from 'tap'
import { leaveRequest } from '../../src/authentication/movil/leave-request.ts'
import { openRound, tokenOf } from '../../src/authentication/movil/round.ts'
import { settleRequest } from '../../src/authentication/movil/settle-request.ts'
import { findDeviceOf } from '../../src/authentication/index.ts'
import { onceIn } from '../../src/platform/index.ts'
import { answersOf, type AnswerRequest, type PhoneAnswered } from '../../src/sandbox/phone/answer-request.ts'
import { phonesOf } from '../../src/sandbox/phone/phone.ts'
import { seedPhones } from '../../src/sandbox/phone/seed-phones.ts'
import type { Machinery } from '../../src/machinery.ts'
import {
  activePhone,
  asked,
  basic,
  baseUrl,
  carmen,
  movilScene,
  right,
  type MovilScene,
} from '../authentication/movil-scene.ts'
import { loginWith } from '../authentication/scene.ts'
import { contrastOf, testSandbox } from '../support/sandbox.ts'
import { registerParty } from './party.ts'
import { formAt, visitor, type Arrived, type Visitor } from './visitor.ts'

interface Problem {
  readonly title: string
  readonly field?: string
}

const masterKey = Buffer.alloc(32, 7).toString('base64')

/** The test phones of the catalogue on the acts' own scene. */
async function phones(s: MovilScene): Promise<AnswerRequest> {
  const { db, clock, random } = s.parts
  const machinery = { ...s.parts, once: onceIn(db), config: { baseUrl } } as unknown as Machinery
  const phoneOf = phonesOf({ config: machinery.config, clock, random }, masterKey)
  await seedPhones({ db, clock, phoneOf })
  // Started again: the keys are made anew of the same master key.
  return answersOf(machinery, s.parts.citizens, phonesOf(machinery, masterKey))
}

const wish = { document: carmen.document, citizen: carmen.id, qr: undefined } as const

t.test('the test phone approves with a real signature and its own unlock: the login is substantial', async (t) => {
  const s = await movilScene(t)
  const answer = await phones(s)
  for (let times = 0; times < 2; times++) {
    const login = loginWith({})
    const { request } = right(await asked(s, login))
    t.strictSame(await answer({ ...wish, decision: 'approve' }), { request, decision: 'approve' })
    t.match(await settleRequest(s.parts, login, { request, known: false }), {
      proven: { citizen: carmen.id, method: 'movil', level: 'substantial', factors: ['hwk', 'user'] },
    })
  }
  t.match(await findDeviceOf(s.db, carmen.id), { credential: { counter: 2 } }, 'its counter grows')
})

t.test('a QR, or the token in it, is opened first', async (t) => {
  const s = await movilScene(t)
  const answer = await phones(s)
  for (const address of [(token: string) => `${baseUrl}/app/scan#${token}`, (token: string) => token]) {
    const login = loginWith({})
    const round = await openRound(s.parts, login)
    t.equal(await answer({ ...wish, decision: 'approve' }), 'nothing-waits', 'nobody has scanned it')
    t.match(await answer({ ...wish, decision: 'approve', qr: address(tokenOf(s.parts, round)) }), {
      decision: 'approve',
    })
    t.match(await settleRequest(s.parts, login, { request: round.id, known: false }), {
      proven: { citizen: carmen.id },
    })
  }
  t.match(await answer({ ...wish, decision: 'approve', qr: 'https://elsewhere.example' }), {
    refused: 'MOVIL-06-qr-old',
  })
})

t.test('deny and report end the login with the right refusal', async (t) => {
  const s = await movilScene(t)
  const answer = await phones(s)
  for (const [decision, refused] of [
    ['deny', 'MOVIL-05-denied'],
    ['report', 'MOVIL-09-reported'],
  ] as const) {
    const login = loginWith({})
    const { request } = right(await asked(s, login))
    t.match(await answer({ ...wish, decision }), { decision })
    t.match(await settleRequest(s.parts, login, { request, known: false }), { refused })
  }
  right(await asked(s, loginWith({})))
  t.equal(await answer({ ...wish, decision: 'approve' }), 'nothing-waits', 'after two denials in a row it must scan')
})

t.test('nothing waits, no device, another device: nothing is signed', async (t) => {
  const s = await movilScene(t)
  const answer = await phones(s)
  t.equal(await answer({ ...wish, decision: 'approve' }), 'nothing-waits')
  const login = loginWith({})
  const { request } = right(await asked(s, login))
  await leaveRequest(s.parts, login, request)
  t.equal(await answer({ ...wish, decision: 'approve' }), 'nothing-waits', 'it was cancelled')
  const jose = { document: basic.document, citizen: basic.id, qr: undefined, decision: 'approve' } as const
  t.equal(await answer(jose), 'no-device')
  await activePhone(s)
  t.equal(await answer({ ...wish, decision: 'approve' }), 'other-device')
})

t.test('a login over HTTP, by QR and by document, is completed by POST movil/approve', async (t) => {
  const sandbox = await testSandbox(t)
  const party = await registerParty(sandbox, { level: 'substantial' })
  const approve = (body: object) => sandbox.api<PhoneAnswered>('movil/approve', { document: '99999999R', ...body })
  const waiting = async (by: Visitor) => {
    const { arrived } = await party.send({}, by)
    return by.submit(formAt(arrived), { method: 'movil' })
  }
  const goOn = (by: Visitor, page: Arrived, fields = {}) => by.submit(formAt(page), fields, party.callback)

  const scanning = visitor()
  const qr = await waiting(scanning)
  const [link] = /https?:[^"]*\/app\/scan#[\w.-]+/.exec(qr.body) ?? []
  t.match(await approve({ decision: 'approve', qr: link }), { status: 200, body: { decision: 'approve' } })
  t.ok((await goOn(scanning, qr)).at.searchParams.get('code'), 'the agency gets its code')

  const typing = visitor()
  const document = await goOn(typing, await waiting(typing), { action: 'document' })
  const asked = await goOn(typing, document, { document: '99999999R', contrast: contrastOf('99999999R') })
  t.match(await approve({ decision: 'approve' }), { status: 200, body: { decision: 'approve' } })
  t.ok((await goOn(typing, asked)).at.searchParams.get('code'))

  const denied = visitor()
  const [again] = /https?:[^"]*\/app\/scan#[\w.-]+/.exec((await waiting(denied)).body) ?? []
  t.match(await approve({ decision: 'deny', qr: again }), { status: 200, body: { decision: 'deny' } })
})

t.test('POST movil/approve says what is wrong, as problem+json', async (t) => {
  const sandbox = await testSandbox(t)
  const approve = (body: object) => sandbox.api<Problem>('movil/approve', body)
  const wrong = [
    [{ document: '99999999R', decision: 'approve' }, 404],
    [{ document: '99999998T', decision: 'approve' }, 409],
    [{ document: 'Z9999999H', decision: 'deny' }, 409],
    [{ document: '12345678Z', decision: 'approve' }, 422, 'document'],
    [{ decision: 'approve' }, 422, 'document'],
    [{ document: '99999999r', decision: 'shrug' }, 422, 'decision'],
    [{ document: '99999999R' }, 422, 'decision'],
    [{ document: '99999999R', decision: 'approve', qr: 'no QR' }, 410],
  ] as const
  for (const [body, status, field] of wrong) {
    const answer = await approve(body)
    t.equal(answer.status, status, JSON.stringify(body))
    t.match(answer, { type: /^application\/problem\+json/, body: { title: String, ...(field && { field }) } })
  }
  const { body: citizens } = await sandbox.api<{ document: string; movil: boolean }[]>('citizens')
  t.strictSame(
    citizens.flatMap(({ document, movil }) => (movil ? [document] : [])),
    ['99999999R', 'X9999999J'],
  )
  await sandbox.reset()
  t.equal((await approve({ document: 'X9999999J', decision: 'approve' })).status, 404, 'a reset gives the phones again')
})
