import t from 'tap'
import { claveAttributes } from '../../src/saml/attributes.ts'
import { carmen } from './outgoing.ts'

const surnames = (firstSurname: string, secondSurname?: string) => {
  const told = claveAttributes({ ...carmen, firstSurname, secondSurname })
  const value = (name: string) => told.find(({ friendlyName }) => friendlyName === name)?.value ?? ''
  return { family: value('FamilyName'), first: value('FirstSurname') }
}

t.test('4: surnames are upper case on the face of the gateway, however the citizen is registered', async (t) => {
  t.same(surnames('Muñoz', 'de la Peña'), { family: 'MUÑOZ DE LA PEÑA', first: 'MUÑOZ' })
  t.same(surnames('Zhang'), { family: 'ZHANG', first: 'ZHANG' })
})

t.test('4: FamilyName less FirstSurname less one space is the second surname', async (t) => {
  for (const [one, two] of [
    ['Muñoz', 'de la Peña'],
    ['de la Peña', "O'Donnell-Núñez"],
    ['Großmann', 'Ibáñez'],
  ] as const) {
    const { family, first } = surnames(one, two)
    t.ok(family.startsWith(`${first} `), family)
    t.equal(family.slice(first.length + 1), two.toUpperCase())
  }
})
