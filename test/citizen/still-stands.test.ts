import t from 'tap'
import { stillStands } from '../../src/citizen/index.ts'
import type { Citizen } from '../../src/citizen/index.ts'

const registration = { level: 'basic', channel: 'letter', at: new Date('2026-01-15T10:00:00Z') } as const
const citizen: Citizen = {
  id: '00000000-0000-4000-8000-000000000001',
  document: '99999998T',
  kind: 'dni',
  name: { given: 'JOSÉ LUIS', firstSurname: 'MUÑOZ', secondSurname: 'PEÑA' },
  phone: undefined,
  email: undefined,
  locale: 'es',
  registration,
  renouncedAt: undefined,
  deceased: false,
  blockedMethods: [],
}
const renounced = { ...citizen, registration: undefined, renouncedAt: new Date('2026-06-01T10:00:00Z') }

t.test('what rests on a registration ends with it; what a certificate showed does not', async (t) => {
  t.equal(stillStands(citizen, 'basic'), true)
  t.equal(stillStands(renounced, 'basic'), false)
  t.equal(stillStands(renounced, undefined), true)
})

t.test('nothing stands of who died or is not known', async (t) => {
  t.equal(stillStands({ ...citizen, deceased: true }, 'basic'), false)
  t.equal(stillStands({ ...renounced, deceased: true }, undefined), false)
  t.equal(stillStands(undefined, undefined), false)
})
