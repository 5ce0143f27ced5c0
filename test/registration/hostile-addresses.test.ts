import t from 'tap'
import { makeLetter } from '../../src/registration/letter/letter-document.ts'
import { maskDomicile } from '../../src/registration/mask-domicile.ts'
import { readPdfLines } from '../../src/sandbox/read-pdf.ts'
import { identified, isPage, mark } from './hostile-forms.ts'
import { csv, mortalScene } from './mortal-scene.ts'

const crooked = [
  '..',
  '%2e%2e%2fetc',
  '%2e%2e',
  '%00',
  '....//',
  '%c0%ae',
  'x'.repeat(300),
  '__proto__',
  "a'b",
  '%E2%80%AE',
]

t.test('an address with a crooked id is nobody’s: a page of ours, whoever asks and sends', async (t) => {
  const s = await mortalScene(t)
  for (const id of crooked)
    for (const end of ['', '/code', '/password', '/more-time', '/done']) {
      for (const method of ['GET', 'POST'] as const) {
        const answer = await s.app.inject({ method, url: `/permanente/${id}${end}`, headers: { accept: 'text/html' } })
        const { statusCode, body } = answer
        t.ok([303, 400, 403, 404, 414].includes(statusCode), `${method} ${id}${end}: ${statusCode}`)
        if (statusCode !== 303) t.ok(isPage({ body }) || statusCode === 414, `${method} ${id}${end} has a page`)
      }
    }
})

t.test('what stands in a query is a choice of ours, or nothing', async (t) => {
  const s = await mortalScene(t)
  const by = s.walker()
  await identified(s, by)
  for (const page of ['../../x', 'https://evil.example', '//evil.example', 'confirm', '%00', 'done&page=phone']) {
    const { location, status } = await by.post(`/register/more-time?page=${page}`, {})
    t.same([status, location], [303, '/register/channels'], page)
  }
  for (const query of [
    'letter=yes&letter=yes',
    'letter[]=yes',
    `letter=${mark}`,
    'letter=%00',
    'lang=xx',
    'lang=../es',
  ])
    t.equal((await by.open(`/register?${query}`)).status, 200, query)
})

t.test('a name and a domicile that would turn the writing round are written without it', async (t) => {
  const s = await mortalScene(t)
  const [round, back] = ['\u202e', '\u2066']
  const domicile = {
    street: `${round}Calle ${back}1`,
    postalCode: `2800${round}0`,
    town: `${back}Madrid`,
    province: 'Madrid',
  }
  const pdf = await makeLetter(s.press, {
    ...{
      person: { name: { given: `${round}ANA`, firstSurname: `X${back}`, secondSurname: undefined } },
      domicile,
      csv,
    },
    ...{ at: s.clock.now(), expires: s.clock.now(), locale: 'es' },
  })
  const text = readPdfLines(pdf).join('\n')
  t.notMatch(text, /[\u202a-\u202e\u2066-\u2069]/u)
  t.match(text, 'ANA')
  t.notMatch(maskDomicile(domicile).join(), /[\u202a-\u202e\u2066-\u2069]/u)
})
