import t from 'tap'
import { matchesContrast, parseContrast, type Contrast, type ContrastClaim } from '../../src/citizen/index.ts'

const date = (text: string): ContrastClaim => ({ kind: 'date', date: text })

t.test('a date is read as people in Spain write it, or as ISO 8601', async (t) => {
  const ways = [
    '30-06-2031',
    '30/06/2031',
    '30.06.2031',
    '30 06 2031',
    '30062031',
    '30/6/2031',
    '30-6-31',
    '30.06.31',
    '2031-06-30',
    '2031/6/30',
    '20310630',
  ]
  for (const typed of [
    ...ways,
    ' 30 - 06 - 2031 ',
    '30–06–2031',
    '３０／０６／２０３１',
    '30−06−2031',
    '\u200e30/06/2031',
  ]) {
    t.same(parseContrast('dni', typed), date('2031-06-30'), typed)
  }
  t.same(parseContrast('dni', { day: ' 30 ', month: '6', year: '2031' }), date('2031-06-30'))
})

t.test('two digits of a year are 1970 to 2069', async (t) => {
  t.same(parseContrast('dni', '02/03/98'), date('1998-03-02'))
  t.same(parseContrast('dni', '02/03/70'), date('1970-03-02'))
  t.same(parseContrast('dni', '02/03/69'), date('2069-03-02'))
  t.same(parseContrast('dni', '02/03/00'), date('2000-03-02'))
})

t.test('only days of the calendar are taken', async (t) => {
  for (const typed of [
    '31-04-2030',
    '29-02-2031',
    '29-02-2100',
    '00-01-2030',
    '01-13-2030',
    '32-01-2030',
    '01-00-2030',
    '01-01-0030',
    '2031-02-30',
    '06/30/2031',
  ]) {
    t.same(parseContrast('dni', typed), { wrong: 'calendar' }, typed)
  }
  t.same(parseContrast('dni', '29-02-2032'), date('2032-02-29'))
})

t.test('what is no date is told apart from no day', async (t) => {
  for (const typed of ['E00012345', 'mañana', '30-06', '30-06-203', '1234567', '30-06-2031-1', '-30-06-2031']) {
    t.same(parseContrast('dni', typed), { wrong: 'form' }, typed)
  }
  for (const typed of ['', '  ', { day: '', month: ' ', year: '' }])
    t.same(parseContrast('dni', typed), { wrong: 'empty' })
  t.same(parseContrast('dni', { day: '30', month: '', year: '2031' }), { wrong: 'form' })
})

t.test('01-01-9999 is the date of a permanent DNI, whose issue date is asked instead', async (t) => {
  for (const typed of [
    '01-01-9999',
    '1/1/9999',
    '9999-01-01',
    '01 01 9999',
    '01019999',
    '99990101',
    { day: '1', month: '1', year: '9999' },
  ]) {
    t.same(parseContrast('dni', typed), { wrong: 'permanent' })
  }
})

t.test('a support number is read with missing zeros, lower case, spaces and dashes', async (t) => {
  for (const typed of ['E00012345', 'e 12345', 'E-12345', 'e.0012345', 'Ｅ12345']) {
    t.same(parseContrast('nie', typed), { kind: 'support', numbers: ['E00012345'] }, typed)
  }
  t.same(parseContrast('nie', 'c9999999'), { kind: 'support', numbers: ['C09999999'] })
})

t.test('digits alone are the number of a card or of a certificate', async (t) => {
  t.same(parseContrast('nie', '9999999'), { kind: 'support', numbers: ['E09999999', 'C09999999'] })
})

t.test('what is no support number is refused by its form', async (t) => {
  for (const typed of ['E', 'E123456789', 'D00012345', '30-06-2031x', 'E1234O', 'EE123']) {
    t.same(parseContrast('nie', typed), { wrong: 'form' }, typed)
  }
  t.same(parseContrast('nie', ' '), { wrong: 'empty' })
})

t.test('a claim is the stored contrast or it is not', async (t) => {
  const validUntil: Contrast = { kind: 'valid-until', date: '2031-06-30' }
  const issued: Contrast = { kind: 'issued', date: '1998-03-02' }
  const support: Contrast = { kind: 'support', number: 'C09999999' }
  const table: readonly (readonly [Contrast | undefined, ContrastClaim, boolean])[] = [
    [validUntil, date('2031-06-30'), true],
    [validUntil, date('2031-06-29'), false],
    [issued, date('1998-03-02'), true],
    [issued, date('9999-01-01'), false],
    [support, { kind: 'support', numbers: ['C09999999'] }, true],
    [support, { kind: 'support', numbers: ['E09999999', 'C09999999'] }, true],
    [support, { kind: 'support', numbers: ['E09999999'] }, false],
    [support, { kind: 'support', numbers: ['C0999999'] }, false],
    [support, date('2031-06-30'), false],
    [undefined, date('2031-06-30'), false],
    [undefined, { kind: 'support', numbers: [''] }, false],
  ]
  for (const [stored, claimed, right] of table)
    t.equal(matchesContrast(stored, claimed), right, JSON.stringify([stored, claimed]))
})
