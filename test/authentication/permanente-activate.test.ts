import t from 'tap'
import { findPassword } from '../../src/authentication/permanente/password-table.ts'
import { citizen, codeOf, loginWith, notThis, stepOf } from './scene.ts'
import { blocked, carmen, fresh, goodPassword, identified, lifeScene, proven } from './life-scene.ts'

t.test('document, e-mail and activation code, then an SMS, then a password: Permanente is active', async (t) => {
  const s = await lifeScene(t)
  const code = await s.activationFor(fresh.document)
  const visitor = s.visitor()
  const first = await visitor.get('/permanente/activate')
  t.equal(first.heading, 'Active Cl@ve Permanente')
  t.match(first.body, /name="document"[^>]*autocomplete="username"/)
  const typed = {
    document: ' 99.999.988-j ',
    email: ` ${fresh.email.toUpperCase()} `,
    activation: ` ${code.toLowerCase()} `,
  }
  const sms = await visitor.send(typed)
  t.equal(sms.heading, 'Escriba el código del SMS')
  t.match(sms.body, /name="code"[^>]*autocomplete="one-time-code"/)
  t.match(sms.body, new RegExp(`termina en ${fresh.phone?.slice(-3)}`))
  t.match(s.sent, [{ to: fresh.phone, citizen: fresh.id, text: { kind: 'permanente-code', code: /^\d{6}$/ } }])
  const choose = await visitor.send({ code: codeOf(s.sent.at(-1)) })
  t.equal(choose.heading, 'Escriba su contraseña nueva')
  t.match(choose.body, /name="password"[^>]*autocomplete="new-password"/)
  t.match(choose.body, /name="document" value="99999988J" autocomplete="username"/)
  t.notMatch(choose.body, /No es la contraseña que ya tenía/)
  const done = await visitor.send({ password: goodPassword, document: fresh.document })
  t.equal(done.heading, 'Cl@ve Permanente está activada')
  t.match(await findPassword(s.db, fresh.id), { blocked: false, expires: s.clock.in(s.parts.limits.passwordLifetime) })
  t.match(s.emails, [{ to: fresh.email, citizen: fresh.id, locale: 'es', text: { kind: 'activation-used' } }])
  t.match(await s.told(fresh.id), [{ kind: 'permanente-activated', data: { browser: /./, address: '127.0.0.1' } }])
  const login = { document: fresh.document, password: goodPassword }
  const answer = await stepOf(s.permanente, 'permanente.password').submit(loginWith(), undefined, login)
  t.match(answer, { proven: { citizen: fresh.id } })
  t.equal(await s.laid(), 2)
})

t.test('a password that breaks rules is answered rule by rule, and nothing is used up', async (t) => {
  const s = await lifeScene(t)
  const visitor = await proven(s, fresh.document, await s.activationFor(fresh.document))
  const wrong = await visitor.send({ password: 'unica' })
  t.equal(wrong.status, 422)
  t.same(wrong.problems, ['La contraseña no cumple 3 de las condiciones de la lista'])
  const states = [...wrong.body.matchAll(/clave-rules__rule--(\w+)" data-rule="(\w+)"/g)].map(([, state, rule]) => [
    rule,
    state,
  ])
  t.same(states, [
    ['length', 'broken'],
    ['classes', 'broken'],
    ['personal', 'broken'],
    ['common', 'kept'],
  ])
  t.notMatch(wrong.body, /value="unica"/)
  t.same((await visitor.send({ password: 'Password1!' })).problems, [
    'Esa contraseña es de las más usadas o filtradas y se adivina enseguida. Elija otra',
  ])
  t.same((await visitor.send({ password: '' })).problems, ['Escriba su contraseña'])
  t.equal((await visitor.send({ password: goodPassword })).heading, 'Cl@ve Permanente está activada')
})

t.test('whatever was wrong of the three, and whoever it is, the answer is the same', async (t) => {
  const s = await lifeScene(t)
  const code = await s.activationFor(fresh.document)
  const right = { document: fresh.document, email: fresh.email, activation: code }
  const doors = {
    'unknown document': { ...right, document: '11111111H' },
    unregistered: { document: '99999995C', email: citizen('99999995C').email, activation: code },
    renounced: { document: '99999990S', email: citizen('99999990S').email, activation: code },
    deceased: { document: '99999992V', email: citizen('99999992V').email, activation: code },
    'another one’s code': { document: carmen.document, email: carmen.email, activation: code },
    'another e-mail': { ...right, email: 'somebody@example.org' },
    'wrong code': { ...right, activation: '0000000000' },
    'no code at all': { ...right, activation: '¿?' },
  }
  for (const [why, form] of Object.entries(doors)) {
    const answer = await s.visitor().send(form, '/permanente/activate')
    t.equal(answer.status, 422, why)
    t.equal(answer.problems.length, 2, why)
    t.match(answer.problems[0], /no coinciden con los de su registro/, why)
    t.notMatch(answer.body, new RegExp(code), why)
  }
  t.equal(s.sent.length, 0, 'no SMS for nothing')
})

t.test('so is the work', async (t) => {
  const s = await lifeScene(t)
  for (const document of [fresh, carmen, blocked]) await s.activationFor(document.document)
  const forms = {
    unknown: { document: '11111111H', email: 'x@example.org', activation: 'AAAAA-AAAAA' },
    unregistered: { document: '99999995C', email: citizen('99999995C').email, activation: 'AAAAA-AAAAA' },
    deceased: { document: '99999992V', email: citizen('99999992V').email, activation: 'AAAAA-AAAAA' },
    renounced: { document: '99999990S', email: citizen('99999990S').email, activation: 'AAAAA-AAAAA' },
    'without a code': { document: '99999998T', email: citizen('99999998T').email, activation: 'AAAAA-AAAAA' },
    'wrong code': { document: fresh.document, email: fresh.email, activation: 'AAAAA-AAAAA' },
    'wrong e-mail': { document: carmen.document, email: 'x@example.org', activation: 'AAAAA-AAAAA' },
    blocked: { document: blocked.document, email: blocked.email, activation: 'AAAAA-AAAAA' },
  }
  const rounds = ['a wrong try', 'another', 'a third', 'a fourth', 'the one that begins a refusal', 'while it lasts']
  for (const round of rounds) {
    const traces = new Map<string, string[]>()
    for (const [kind, form] of Object.entries(forms)) {
      const visitor = s.visitor()
      await visitor.get('/permanente/activate')
      s.trace.length = 0
      await visitor.send(form)
      const [, ...rest] = s.trace
      traces.set(kind, [...s.trace.slice(0, 2).toSorted(), ...rest.slice(1)])
    }
    const good = traces.get('unknown')
    t.ok(good && good.length > 3)
    for (const [kind, trace] of traces) t.same(trace, good, `${round}: ${kind}`)
  }
})

t.test(
  '5 wrong codes kill the code; from its owner’s e-mail only, so that a document alone kills nobody’s',
  async (t) => {
    const s = await lifeScene(t, { limits: { contrastFailures: 100 } })
    const { document, email } = fresh
    const code = await s.activationFor(document)
    const enter = (form: object) =>
      s.visitor().send({ document, email, activation: code, ...form }, '/permanente/activate')
    for (let nth = 0; nth < 12; nth++) await enter({ email: 'stranger@example.org', activation: 'AAAAA-AAAAA' })
    for (let nth = 0; nth < 4; nth++) await enter({ activation: 'AAAAA-AAAAA' })
    t.equal((await enter({})).heading, 'Escriba el código del SMS', 'after 4 it is still alive, and was not used up')
    await enter({ activation: 'AAAAA-AAAAA' })
    t.match((await enter({})).problems[0], /no coinciden/)
  },
)

t.test('5 wrong tries at a document hold such browsers for 15 minutes, the right data as well', async (t) => {
  const s = await lifeScene(t)
  const { document, email } = fresh
  const code = await s.activationFor(document)
  for (let nth = 0; nth < 5; nth++)
    await s.visitor().send({ document, email: 'x@example.org', activation: code }, '/permanente/activate')
  const held = await s.visitor().send({ document, email, activation: code }, '/permanente/activate')
  t.equal(held.status, 429)
  t.match(held.problems[1], /Espere 15 minutos/)
  s.clock.advance(900)
  t.equal((await identified(s, document, code).then((visitor) => visitor.get('/permanente/activate'))).status, 200)
  t.equal(s.sent.length, 1)
})

t.test('a citizen without a phone is told where one is set, before any code', async (t) => {
  const s = await lifeScene(t)
  const record = await s.parts.citizens.byDocument(fresh.document)
  if (!record) throw new Error('no citizen')
  await s.parts.citizens.put({ ...record, citizen: { ...record.citizen, phone: undefined } })
  const { document, email } = fresh
  const activation = await s.activationFor(document)
  const answer = await s.visitor().send({ document, email, activation }, '/permanente/activate')
  t.match(answer.body, /PIN-04-no-phone/)
})

t.test('empty and misshapen fields are named, each with what to write', async (t) => {
  const s = await lifeScene(t)
  const answer = await s.visitor().send({ document: '', email: ' ', activation: '' }, '/permanente/activate')
  t.same(answer.problems, [
    'Escriba su DNI o NIE',
    'Escriba el correo electrónico que dio al registrarse',
    'Escriba su código de activación',
  ])
  t.equal(
    (await s.visitor().send({ document: 'x'.repeat(101), email: '', activation: '' }, '/permanente/activate')).status,
    400,
  )
})

t.test('the SMS: 3 tries, 10 minutes, this browser; another one kills the older; 5 an hour', async (t) => {
  const s = await lifeScene(t)
  const activation = await s.activationFor(fresh.document)
  const visitor = await identified(s, fresh.document, activation)
  const code = codeOf(s.sent.at(-1))
  t.match((await visitor.send({ code: 'abc' })).problems, ['Escriba las 6 cifras, sin letras'])
  t.match((await visitor.send({ code: notThis(code) })).problems[0], /Le quedan 2 intentos/)
  await visitor.send({ code: notThis(code, 2) })
  t.equal((await visitor.send({ code: notThis(code, 3) })).heading, 'Este código ya no sirve')
  const again = await visitor.send({ action: 'another' })
  t.match(again.body, /Le hemos enviado otro código/)
  t.match((await visitor.send({ code })).problems, [/no es el que esperábamos/], 'the older one')
  s.clock.advance(600)
  t.equal((await visitor.send({ code: codeOf(s.sent.at(-1)) })).heading, 'Este código ya no sirve')
  for (let nth = 3; nth <= 5; nth++) await visitor.send({ action: 'another' })
  const sixth = await visitor.send({ action: 'another' })
  t.equal(sixth.status, 429)
  t.match(sixth.problems[1], /^Podrá pedir otro dentro de \d+ minutos\. No pierde nada/, 'no other way to identify')
  t.equal(await s.laid(), 5)
  t.equal(
    (await visitor.send({ code: codeOf(s.sent[4]) })).heading,
    'Escriba su contraseña nueva',
    'the last one counts',
  )
})

t.test('wrong codes are counted for the citizen over all journeys', async (t) => {
  const s = await lifeScene(t, { limits: { codeFailures: 4 } })
  const visitor = await identified(s, fresh.document, await s.activationFor(fresh.document))
  for (let nth = 1; nth <= 3; nth++) await visitor.send({ code: notThis(codeOf(s.sent.at(-1)), nth) })
  await visitor.send({ action: 'another' })
  t.equal((await visitor.send({ code: notThis(codeOf(s.sent.at(-1))) })).status, 429)
  t.equal((await visitor.send({ code: codeOf(s.sent.at(-1)) })).heading, 'Escriba su contraseña nueva')
  const held = await visitor.send({ password: goodPassword })
  t.match(held.problems[1], /Espere 15 minutos/, 'and while they are refused no password is set')
  t.equal(await findPassword(s.db, fresh.id), undefined)
  s.clock.advance(900)
  t.equal((await visitor.send({ password: goodPassword })).heading, 'Cl@ve Permanente está activada')
})

t.test('where everything waits for the hash queue, the citizen is told so, and goes on', async (t) => {
  let others: Promise<unknown>[] = []
  const rush = { fill: () => {} }
  const isCommon = async () => {
    rush.fill()
    return false
  }
  const s = await lifeScene(t, { isCommon, limits: { hashQueueLength: 0 } })
  const visitor = await proven(s, fresh.document, await s.activationFor(fresh.document))
  rush.fill = () => {
    others = Array.from({ length: 64 }, () => s.parts.hashes.hash('x'))
  }
  const busy = await visitor.send({ password: goodPassword })
  await Promise.all(others)
  rush.fill = () => {}
  t.equal(busy.status, 503)
  t.equal((await visitor.send({ password: goodPassword })).heading, 'Cl@ve Permanente está activada')
})
