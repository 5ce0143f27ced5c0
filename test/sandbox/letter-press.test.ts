import t from 'tap'
import { askLetter } from '../../src/registration/letter/ask-letter.ts'
import { makeLetterPress, postalAddress } from '../../src/sandbox/letter-press.ts'
import { citizen, headingOf, say, scene } from '../registration/scene.ts'

t.test('letters are printed at once: with their code, and the PDF at their address', async (t) => {
  const s = await scene(t)
  const press = makeLetterPress(s.press)
  await askLetter({ ...s.parts, lettersMade: 'at-once' }, '99999995C', 'es', {})
  const [letter, ...others] = await press.sent()
  t.same(others, [])
  t.match(letter, {
    channel: 'letter',
    to: postalAddress(citizen('99999995C')),
    code: /^[A-Z0-9]{16}$/,
    text: /Bilbao/,
  })
  t.match(letter?.url, `https://clave.example/sandbox/letters/${letter?.id}`)
  const person = s.browser()
  await person.identify('99999995C')
  t.equal(headingOf(await person.csv(letter?.code ?? '')), say('register:contact.title'))
})

t.test('each letter is printed once, however often and at once it is asked', async (t) => {
  const s = await scene(t)
  const press = makeLetterPress(s.press)
  for (const document of ['99999995C', 'Z9999999H'])
    await askLetter({ ...s.parts, lettersMade: 'at-once' }, document, 'en', {})
  const answers = await Promise.all(Array.from({ length: 5 }, () => press.sent()))
  for (const sent of answers) t.equal(sent.length, 2)
  press.reset()
  t.same(await press.sent(), [])
})
