import t from 'tap'
import { document, forms, isPage, limits, mark } from './hostile-forms.ts'
import { mortalScene, type MortalScene } from './mortal-scene.ts'
import type { Person } from './scene.ts'

const hostile: Readonly<Record<string, string>> = {
  'a NUL': `${mark}\u0000${mark}`,
  'a header': `${mark}@example.es\r\nBcc: other@example.es`,
  'a header, encoded': `${mark}%0d%0aBcc:other@example.es`,
  'a second recipient': `${mark}@example.es, other@example.es`,
  'a path': `../../../../etc/${mark}`,
  'a path, encoded': `%2e%2e%2f%2e%2e%2f${mark}`,
  'an absolute path': `/etc/${mark}`,
  'another system’s path': `C:\\${mark}\\..\\x`,
  'an address': `file:///etc/${mark}`,
  'writing turned round': `\u202e${mark}\u202c\u2066${mark}\u2069`,
  'half a sign': `${mark}\ud800`,
  'a thousand accents': `a${'\u0301'.repeat(60)}${mark}`,
  markup: `<img src=x onerror=alert(1)>${mark}`,
  'a template': `{{7*7}}\${7*7}<%= 7*7 %>${mark}`,
  'a formula': `=HYPERLINK("http://${mark}")`,
  SQL: `${mark}'; drop table citizen; --`,
  'an own property': '__proto__',
}

/** One request as no browser would send it, and the page that it leads back to where something was wrong. */
async function post(
  s: MortalScene,
  by: Person,
  path: string,
  payload: string,
  type = 'application/x-www-form-urlencoded',
) {
  const answer = await s.app.inject({
    ...{ method: 'POST', url: path, payload, cookies: Object.fromEntries(by.cookies) },
    headers: { accept: 'text/html', ...(type && { 'content-type': type }) },
  })
  const { location } = answer.headers
  if (!location?.includes('?said=')) return { status: answer.statusCode, body: answer.body, location }
  const said = await by.get(location)
  return { status: said.status, body: said.body, location: undefined }
}

/** The hidden fields that the page at this address holds. */
async function hiddenIn(by: Person, path: string): Promise<Record<string, string>> {
  const { body } = await by.get(path)
  const inputs = [...body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
  return Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, value]))
}

const encoded = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString()
for (const [name, { fields, filled, go }] of Object.entries(forms)) {
  t.test(
    `${name}: a field at its bound is read, one beyond it is answered with a page, and nothing is done`,
    async (t) => {
      const s = await mortalScene(t, { limits })
      const by = s.walker()
      const at = await go(s, by)
      const [sms, emails] = [s.sms.length, s.emails.length]
      for (const [field, most] of Object.entries(fields)) {
        const send = async (text: string) =>
          post(s, by, at, encoded({ ...(await hiddenIn(by, at)), ...filled, [field]: text }))
        const inside = await send('x'.repeat(most))
        const harmless = ['letter', 'action', 'document'].includes(field) ? [422, 303] : [422, 409]
        t.ok([...harmless, 422].includes(inside.status), `${field} at ${most}: ${inside.status}`)
        for (const beyond of [most + 1, 20_000, 40_000]) {
          const outside = await send('x'.repeat(beyond))
          const expected = field === 'journey' ? [409, 413] : [400, 413]
          t.ok(expected.includes(outside.status) && isPage(outside), `${field} of ${beyond}: ${outside.status}`)
        }
      }
      t.same([s.sms.length, s.emails.length], [sms, emails])
    },
  )

  t.test(
    `${name}: whatever enemies type is answered with a page, is nowhere in the log, and does nothing`,
    async (t) => {
      const s = await mortalScene(t, { limits })
      const by = s.walker()
      const at = await go(s, by)
      const [sms, emails] = [s.sms.length, s.emails.length]
      // A password may be whatever its owner likes.
      for (const field of Object.keys(fields).filter((field) => field !== 'password'))
        for (const [what, text] of Object.entries(hostile)) {
          const answer = await post(s, by, at, encoded({ ...(await hiddenIn(by, at)), ...filled, [field]: text }))
          const led = answer.status === 303 && ['letter', 'action', 'document'].includes(field)
          t.ok(
            led || ([400, 409, 422].includes(answer.status) && isPage(answer)),
            `${field}, ${what}: ${answer.status}`,
          )
          t.notMatch(
            answer.body,
            /<img src=x|>49<|[\0-\x08\x0b\x0e-\x1f\x7f]/,
            `${field}, ${what}: not as it was typed`,
          )
        }
      t.same([s.sms.length, s.emails.length], [sms, emails], 'no message goes out')
      t.same(
        s.log.lines.filter((line) => line.includes(mark) || line.includes(document)),
        [],
      )
    },
  )

  t.test(`${name}: a field that comes twice, and other types of content, are answered with a page`, async (t) => {
    const s = await mortalScene(t, { limits })
    const by = s.walker()
    const at = await go(s, by)
    const whole = { ...(await hiddenIn(by, at)), ...filled }
    for (const field of Object.keys(fields)) {
      const twice = `${encoded({ ...whole, [field]: 'x' })}&${encoded({ [field]: mark })}`
      const answer = await post(s, by, at, twice)
      t.ok([400, 409].includes(answer.status) && isPage(answer), `${field} twice: ${answer.status}`)
      const list = await post(s, by, at, `${encoded(whole)}&${field}[]=${mark}&${field}[a]=${mark}`)
      t.ok([400, 409, 422].includes(list.status) && isPage(list), `${field} as a list: ${list.status}`)
    }
    const bodies: readonly (readonly [type: string, body: string])[] = [
      [
        'application/json',
        JSON.stringify(Object.fromEntries(Object.entries(whole).map(([key, text]) => [key, [text]]))),
      ],
      ['application/json', `{"document":"${mark}`],
      ['text/plain', encoded(whole)],
      [
        'multipart/form-data; boundary=x',
        `--x\r\ncontent-disposition: form-data; name="document"\r\n\r\n${mark}\r\n--x--`,
      ],
      ['application/xml', `<document>${mark}</document>`],
      ['text/html; charset=utf-7', encoded(whole)],
      ['', encoded(whole)],
    ]
    for (const [type, body] of bodies) {
      const answer = await post(s, by, at, body, type)
      t.ok([400, 403, 415].includes(answer.status) && isPage(answer), `${type || 'no type'}: ${answer.status}`)
    }
    t.same(
      s.log.lines.filter((line) => line.includes(mark)),
      [],
    )
  })
}
