interface Type<T> {
  read(text: string): T | undefined
  /** Said of what cannot be read. */
  readonly must: string
}
const type = <T>(must: string, read: Type<T>['read']): Type<T> => ({ read, must })

const collapse = (text: string) =>
  /[ \t\r\n]/.test(text) ? text.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, '') : text
const oneOf = <const T extends string>(...words: readonly T[]) =>
  type(`must be one of ${words.join(', ')}`, (text) => words.find((word) => word === text))

/** As it is: the signature refers to it by its very letters. */
const id = type('must be a name of 1 to 256 characters without colon and white space', (text) =>
  /^[\p{L}_][\p{L}\p{M}\p{N}._·-]{0,255}$/u.test(text) ? text : undefined,
)
const booleans = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

/** How the text of an attribute or an element is read; undefined: it is not of its type (XML Schema part 2). */
export const lexical = {
  string: type('must be a text', (text) => text),
  /** Any text is one, white space around it apart. */
  uri: type('must be a URI', collapse),
  id,
  name: type(id.must, (text) => id.read(collapse(text))),
  version: oneOf('2.0'),
  comparison: oneOf('exact', 'minimum', 'maximum', 'better'),
  boolean: type('must be true, false, 1 or 0', (text) => booleans.get(collapse(text))),
  instant: type('must be an instant such as 2026-01-31T12:00:00Z', (text) => readInstant(collapse(text))),
  count: type('must be a whole number', (text) => readCount(collapse(text))),
  index: type('must be a whole number from 0 to 65535', (text) => readIndex(collapse(text))),
}
export type Lexical = keyof typeof lexical
/** What a text of this type is read as. */
export type LexicalValue<T extends Lexical> = NonNullable<ReturnType<(typeof lexical)[T]['read']>>

/** Any size is allowed; what is not exact any more is still a number, and nobody counts with it. */
const readCount = (text: string): number | undefined => (/^(\+?[0-9]+|-0+)$/.test(text) ? Number(text) : undefined)

function readIndex(text: string): number | undefined {
  return /^[0-9]+$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

const dateTime =
  /^(\d{4})-(0[1-9]|1[0-2])-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,20}))?(?:Z|([+-])(0\d|1[0-4]):([0-5]\d))?$/

/** Without a zone: UTC (clave-saml-profile, 3). Finer than milliseconds is cut off. */
function readInstant(text: string): Date | undefined {
  const found = dateTime.exec(text)
  if (!found) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour, zoneMinute] = found
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3))
  const local = new Date(
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), milliseconds),
  )
  // 31 February would be taken for 3 March, and the first century for the twentieth.
  if (local.getUTCDate() !== Number(day) || local.getUTCFullYear() !== Number(year)) return undefined
  const zone = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000
  return sign === undefined ? local : new Date(local.getTime() - (sign === '-' ? -zone : zone))
}
