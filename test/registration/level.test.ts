import t from 'tap'
import { isRefusal } from '../../src/refusal/index.ts'
import type { RegistrationChannel } from '../../src/citizen/index.ts'
import {
  givePhone,
  issueActivationCode,
  raise,
  redeemActivationCode,
  registerCitizen,
  renounce,
} from '../../src/registration/index.ts'
import { citizen, eventsOf, headingOf, say, scene, type Scene } from './scene.ts'

const register = (s: Scene, document: string, channel: RegistrationChannel, phone = '+34612345678') =>
  s.db.transaction((tx) =>
    registerCitizen(tx, s.parts, {
      person: citizen(document),
      ...{ channel, phone, email: 'new@example.es', locale: 'es', terms: 'test' },
    }),
  )
const renounced = (s: Scene, id: string, ended: string[] = []) =>
  s.db.transaction((tx) =>
    renounce(tx, { ...s.parts, endUse: async (_tx, one) => void ended.push(one) }, id, 'account'),
  )

const levels = [
  ['letter', 'basic'],
  ['video', 'basic'],
  ['pin24h', 'basic'],
  ['certificate', 'advanced'],
  ['in_person', 'advanced'],
] as const
for (const [channel, level] of levels)
  t.test(`${channel} registers at level ${level}`, async (t) => {
    const s = await scene(t)
    const answer = await register(s, '99999995C', channel)
    if (isRefusal(answer)) return t.fail(answer.refused)
    t.match((await s.parts.citizens.find(answer.citizen))?.registration, { level, channel })
  })

for (const [channel, level] of levels)
  t.test(`after renuncia ${channel} ${level === 'advanced' ? 'registers again' : 'registers nobody'}`, async (t) => {
    const s = await scene(t)
    const { id } = citizen('99999990S')
    const answer = await register(s, '99999990S', channel)
    if (level === 'basic') {
      t.match(answer, { refused: 'REGISTER-05-renounced' })
      t.notOk((await s.parts.citizens.find(id))?.registration)
    } else {
      t.match(answer, { citizen: id }, 'the id stays for life')
      t.match(await s.parts.citizens.find(id), { registration: { level, channel }, renouncedAt: undefined })
    }
  })

t.test('one registration per document, of any number at once', async (t) => {
  const s = await scene(t)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, nth) =>
      register(s, '99999995C', 'video', `+346123456${String(nth).padStart(2, '0')}`),
    ),
  )
  t.equal(answers.filter((answer) => !isRefusal(answer)).length, 1)
  for (const answer of answers) if (isRefusal(answer)) t.equal(answer.refused, 'REGISTER-04-already-registered')
  t.equal((await eventsOf(s)).length, 1)
})

t.test('nobody deceased is registered', async (t) => {
  const s = await scene(t)
  t.match(await register(s, '99999992V', 'in_person'), { refused: 'REGISTER-03-deceased' })
})

t.test('a basic registration is raised to advanced once, any other is not', async (t) => {
  const s = await scene(t)
  const { id } = citizen('99999998T')
  const raised = (whose: string) => s.db.transaction((tx) => raise(tx, s.parts, whose, { channel: 'in_person' }))
  const answers = await Promise.all(Array.from({ length: 10 }, () => raised(id)))
  t.equal(answers.filter(Boolean).length, 1)
  t.match((await s.parts.citizens.find(id))?.registration, { level: 'advanced', channel: 'in_person' })
  for (const document of ['99999999R', '99999990S', '99999992V']) t.equal(await raised(citizen(document).id), false)
  t.match(await eventsOf(s), [{ kind: 'registration-raised', citizen_id: id, data: { level: 'advanced' } }])
})

t.test(
  'renuncia ends the registration, its contact data, its code and its use, once, and tells the citizen',
  async (t) => {
    const s = await scene(t)
    const { id, email } = citizen('99999998T')
    const code = await s.db.transaction((tx) => issueActivationCode(tx, s.parts, id))
    const ended: string[] = []
    const answers = await Promise.all(Array.from({ length: 10 }, () => renounced(s, id, ended)))
    t.equal(answers.filter((answer) => !isRefusal(answer)).length, 1)
    t.same(ended, [id])
    t.match(await s.parts.citizens.find(id), {
      ...{ registration: undefined, phone: undefined, email: undefined, renouncedAt: s.clock.now() },
    })
    t.equal(await s.db.transaction((tx) => redeemActivationCode(tx, s.parts, id, code)), 'dead')
    t.match(s.emails, [{ to: email, text: { kind: 'renounced', at: s.clock.now() } }])
    t.match(await eventsOf(s), [{ kind: 'renounced', citizen_id: id, data: { how: 'account' } }])
  },
)

t.test('a letter does not bring back who renounced', async (t) => {
  const s = await scene(t)
  const done = await s.browser().registerByLetter('99999994L', '600000008')
  t.equal(headingOf(done), say('register:done.title'))
  const { id = '' } = (await s.parts.citizens.byDocument('99999994L'))?.citizen ?? {}
  t.notOk(isRefusal(await renounced(s, id)))
  const answer = await s.browser().identify('99999994L')
  t.equal(headingOf(answer), say('refusal:REGISTER-05-renounced.title'))
})

t.test('a phone that was proven goes to its new owner, whose own stays free for others', async (t) => {
  const s = await scene(t)
  const [one, other] = [citizen('99999999R'), citizen('99999998T')]
  const give = (id: string, phone: string) => s.db.transaction((tx) => givePhone(tx, s.parts, id, phone))
  t.match(await give(other.id, one.phone ?? ''), { id: one.id })
  t.equal(await give(one.id, other.phone ?? ''), undefined, 'that one nobody has any more')
  t.equal((await s.parts.citizens.find(one.id))?.phone, other.phone)
})
