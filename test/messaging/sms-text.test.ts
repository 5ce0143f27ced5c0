import t from 'tap'
import type { SmsText } from '../../src/messaging/index.ts'
import { segment } from '../../src/messaging/sms/segments.ts'
import { smsText } from '../../src/messaging/sms/sms-text.ts'
import { loadI18n, locales } from '../../src/platform/index.ts'

const i18n = loadI18n({ strict: true })
const es = i18n.translator('es')
type OfAgency = Extract<SmsText, { agency: string }>
const pin = (agency: string): OfAgency => ({ kind: 'pin', agency, code: '123456' })
const kinds: OfAgency[] = [
  pin('Agencia Tributaria'),
  { kind: 'pin', agency: 'Agencia Tributaria', code: '123456', prefix: true },
  { kind: 'code', agency: 'Agencia Tributaria', code: '123456' },
]

t.test('a PIN names the body asking, the code and how long it lives', async (t) => {
  t.equal(
    smsText(es, 'clave.example', pin('Agencia Tributaria'), 10),
    'Cl@ve: 123456 es su PIN para Agencia Tributaria. Caduca en 10 minutos. No lo comparta con nadie.\n\n' +
      '@clave.example #123456',
  )
})

t.test('the last line is an origin-bound one-time code', async (t) => {
  for (const locale of locales)
    for (const kind of kinds) {
      const lines = smsText(i18n.translator(locale), 'clave.example', kind, 10).split('\n')
      t.equal(lines.at(-1), '@clave.example #123456')
      t.equal(lines.at(-2), '')
    }
})

t.test('no text says more than agency, code and minutes, and none carries a link', async (t) => {
  for (const locale of locales)
    for (const kind of kinds) {
      const text = smsText(i18n.translator(locale), 'clave.example', kind, 10)
      t.notMatch(text, /https?:|www\.|\//)
      const rest = text.replace('@clave.example', '').replaceAll('123456', '').replace('Agencia Tributaria', '')
      t.same(rest.match(/\d+/g), kind.kind === 'pin' && kind.prefix ? ['4', '10'] : ['10'], rest)
      t.match(text, 'Agencia Tributaria')
    }
})

t.test('what we write is in the alphabet of phones, so that an ordinary agency costs one SMS', async (t) => {
  for (const locale of locales)
    for (const kind of kinds) t.equal(segment(smsText(i18n.translator(locale), 'h.es', kind, 10)).alphabet, 'gsm')
  t.equal(segment(smsText(es, 'clave.gob.es', pin('Agencia Tributaria'), 10)).parts.length, 1)
})

t.test('the name of the agency stands whole where two SMS hold it', async (t) => {
  for (const agency of ['Diputación Foral de Gipuzkoa', 'Ñuñoa & Cía <SL>', 'Consell de Palma (Paral·lel)', 'Sede 🙂'])
    t.match(smsText(es, 'clave.gob.es', pin(agency), 10), `para ${agency}. Caduca`)
})

t.test('a longer name is written in the alphabet of phones, then shortened', async (t) => {
  const social = 'Tesorería General de la Seguridad Social · Dirección Provincial de Cádiz “Sur” 🙂'
  t.match(
    smsText(es, 'clave.gob.es', pin(social), 10),
    'para Tesoreria General de la Seguridad Social . Direccion Provincial de Cadiz "Sur". Caduca',
  )
  for (const name of ['Tesorería General ', 'Agencia ', 'Paral·lel ', '🙂🏛️ €uro '])
    for (const host of ['h.es', 'identificacion.administracion-electronica.gob.es'])
      for (const kind of kinds) {
        const text = smsText(es, host, { ...kind, agency: name.repeat(40) }, 10)
        t.ok(segment(text).parts.length <= 2, text)
        t.match(text, /para (Tesoreria|Agencia|Paral\.lel|€uro).{10,}\.\.\.\. (Caduca|Escriba)/)
        t.ok(text.endsWith(`@${host} #123456`))
      }
})

t.test('an agency cannot bring lines of its own into the text', async (t) => {
  t.match(
    smsText(es, 'clave.example', pin(' Agencia\n@evil.example #666666\r\n '), 10),
    'para Agencia @evil.example #666666. Caduca',
  )
})

const ours: SmsText[] = [
  { kind: 'proof-code', code: '123456' },
  { kind: 'permanente-code', code: '123456' },
  { kind: 'welcome', level: 'basic' },
  { kind: 'welcome', level: 'advanced' },
  { kind: 'phone-taken-over' },
  { kind: 'movil-code', code: '123456' },
  { kind: 'movil-activated' },
]

t.test('what is ours, not of an agency, fits into two SMS, names Cl@ve and carries no link', async (t) => {
  for (const locale of locales)
    for (const kind of ours) {
      const text = smsText(i18n.translator(locale), 'identificacion.administracion-electronica.gob.es', kind, 10)
      t.ok(segment(text).parts.length <= 2, `${segment(text).parts.length}: ${text}`)
      t.match(text, /^Cl@ve: /)
      t.notMatch(text, /https?:|www\.|\/|\{/)
      if (!('code' in kind)) t.notMatch(text, /\d|@identificacion/)
      else {
        t.ok(text.endsWith('\n\n@identificacion.administracion-electronica.gob.es #123456'))
        t.equal(segment(text).alphabet, 'gsm')
      }
    }
  t.equal(segment(smsText(es, 'clave.gob.es', ours[0]!, 10)).parts.length, 1)
  t.equal(segment(smsText(es, 'clave.gob.es', ours[4]!, 10)).parts.length, 1)
})

t.test('the welcome says the level', async (t) => {
  t.match(smsText(es, 'h.es', { kind: 'welcome', level: 'basic' }, 10), 'nivel básico')
  t.match(smsText(es, 'h.es', { kind: 'welcome', level: 'advanced' }, 10), 'nivel avanzado')
})
