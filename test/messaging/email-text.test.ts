import t from 'tap'
import { methodNames } from '../../src/citizen/index.ts'
import { emailText } from '../../src/messaging/email/email-text.ts'
import type { EmailText } from '../../src/messaging/index.ts'
import { loadI18n, locales, type Locale } from '../../src/platform/index.ts'

const i18n = loadI18n({ strict: true })
const write = (text: EmailText, locale: Locale = 'es') => emailText(i18n.translator(locale), locale, text, 10)
const at = new Date('2026-11-21T23:30:00Z')
const texts: EmailText[] = [
  { kind: 'proof-code', code: '123456' },
  { kind: 'registered', level: 'basic' },
  { kind: 'registered', level: 'advanced' },
  { kind: 'letter-reminder', until: at },
  { kind: 'activation-code-issued', at },
  { kind: 'activation-used' },
  { kind: 'password-expires', days: 30, until: at },
  { kind: 'password-expires', days: 1, until: at },
  { kind: 'password-changed', at },
  { kind: 'password-blocked' },
  ...methodNames.map((method) => ({ kind: 'method-blocked', method }) as const),
  { kind: 'method-unblocked', method: 'pin', at },
  { kind: 'authenticator-added', at },
  { kind: 'authenticator-removed', at },
  { kind: 'movil-ended', at },
  { kind: 'request-reported', at },
  { kind: 'email-changed', masked: 'c***@e***.example' },
  { kind: 'phone-taken-over', masked: '*** *** 001' },
  { kind: 'session-report', at, agency: 'Agencia Tributaria' },
  { kind: 'renounced', at },
  { kind: 'receipt' },
]

t.test('every e-mail names Cl@ve in its subject, of one short line, and says who writes', async (t) => {
  for (const locale of locales)
    for (const text of texts) {
      const { subject, text: body } = write(text, locale)
      t.match(subject, /^Cl@ve: \S/)
      t.ok(subject.length <= 70 && !subject.includes('\n'), subject)
      t.match(body, locale === 'es' ? /\n\nCl@ve, identidad electrónica/ : /\n\nCl@ve, electronic identity/)
      t.notMatch(body, /[{}]|undefined|\n{3}/)
    }
})

t.test('none carries a link, and none asks for anything to be sent back', async (t) => {
  for (const locale of locales)
    for (const text of texts) {
      const { subject, text: body } = write(text, locale)
      t.notMatch(`${subject}\n${body}`.replace('c***@e***.example', ''), /https?:|www\.|\.(es|com|example)\b|mailto:/)
    }
})

t.test('a code stands in a line of its own, with how long it lives, and not in the subject', async (t) => {
  const { subject, text } = write({ kind: 'proof-code', code: '123456' })
  t.match(text, /\n\n123456\n\nCaduca en 10 minutos/)
  t.notMatch(subject, '123456')
})

t.test('days and hours are those of Madrid, written as people write them', async (t) => {
  t.match(write({ kind: 'letter-reminder', until: at }).text, 'hasta el 22 de noviembre de 2026')
  t.match(write({ kind: 'letter-reminder', until: at }, 'en').text, 'until 22 November 2026')
  t.match(
    write({ kind: 'password-changed', at }).text,
    /el 22 de noviembre de 2026(,| a las) 0?0:30 \(hora peninsular\)/,
  )
  t.match(write({ kind: 'password-changed', at }, 'en').text, /on 22 November 2026(,| at) 0?0:30 \(Madrid time\)/)
})

t.test('days are counted in singular and plural', async (t) => {
  const subject = (days: number, locale?: Locale) =>
    write({ kind: 'password-expires', days, until: at }, locale).subject
  t.match(subject(1), /caduca en 1 día$/)
  t.match(subject(7), /caduca en 7 días$/)
  t.match(subject(1, 'en'), /expires in 1 day$/)
  t.match(subject(30, 'en'), /expires in 30 days$/)
})

t.test('levels, methods, agencies and masked values are said', async (t) => {
  t.match(write({ kind: 'registered', level: 'basic' }).text, 'con nivel básico')
  t.match(write({ kind: 'registered', level: 'advanced' }, 'en').text, 'at advanced level')
  t.match(write({ kind: 'method-blocked', method: 'movil' }).text, ': Cl@ve Móvil.')
  t.match(write({ kind: 'session-report', at, agency: 'Agencia Tributaria' }).text, 'ante: Agencia Tributaria.')
  t.match(write({ kind: 'email-changed', masked: 'c***@e***.example' }).text, 'ahora c***@e***.example.')
})

t.test('a value cannot bring lines of its own, nor turn the direction of the text', async (t) => {
  const agency = 'Sede\r\n\r\nhola\u2028x \u202Eodip\u0000 '
  t.match(write({ kind: 'session-report', at, agency }).text, 'ante: Sede hola x odip.')
})
