import { catalogue, sandboxPassword } from '../../src/sandbox/catalogue.ts'
import { makeLog, type AllowlistLog } from '../../src/platform/log.ts'

/** What of a tap test these need. */
interface Test {
  teardown(work: () => void): unknown
  fail(message: string): unknown
}

/** What a test of the service logs at: everything there is, kept and, when the test ends, searched. */
export interface QuietLog extends AllowlistLog {
  readonly lines: readonly string[]
}

/**
 * The log for every app that a test builds: silent, at the lowest level, and a failure of the test when a line holds
 * a word of the sandbox's test citizens or one of the secrets, or when somebody logged a field that the table does not know.
 *
 * `secrets` is asked when the test ends, so that what was drawn on the way (PINs, codes, tokens) can be among them.
 */
export function quietLog(
  t: Test,
  secrets: () => readonly string[] = () => [],
  say = (line: string): void => void process.stderr.write(`${line}\n`),
): QuietLog {
  const lines: string[] = []
  const unknown = new Set<string>()
  const log = makeLog({
    level: 'trace',
    deployment: 'test',
    destination: { write: (line) => void lines.push(line) },
    onDropped: (field) => unknown.add(field),
  })
  t.teardown(() => {
    const dropped = [...unknown].map(
      (field) => `the log knows no field "${field}" (src/platform/log-fields.ts), or not with such a value`,
    )
    for (const wrong of [...personalDataIn(lines, [...testCitizens, ...secrets()]), ...dropped]) {
      // Of what fails after a test's end tap tells that it failed, not what; thrown, it would keep other teardowns from running.
      say(wrong)
      t.fail(wrong)
    }
  })
  return Object.assign(log, { lines })
}

/** A person of the sandbox's catalogue, as far as this concerns: whatever is text or holds text. */
export type Person = Readonly<Record<string, unknown>>

/** Every word by which a catalogue's people could be known, for `quietLog` and `personalDataIn`. */
export function wordsOf(people: readonly Person[]): string[] {
  return [...new Set(people.flatMap((person) => textsIn(person)))]
}

/** Throws when a line of a log holds one of the secrets: for logs of other processes (`serve` as a child). */
export function assertNoPersonalData(lines: readonly string[], secrets: readonly string[]): void {
  const leaks = personalDataIn(lines, secrets)
  if (leaks.length > 0) throw new Error(leaks.join('\n'))
}

/** One sentence for each secret in a line. Case, accents and the country code of a phone make no difference. */
export function personalDataIn(lines: readonly string[], secrets: readonly string[]): string[] {
  const words = [...new Set(secrets.flatMap(variants))].filter((word) => word.length >= 4)
  return lines.flatMap((line) => {
    const said = fold(contentOf(line))
    return words.filter((word) => standsIn(said, word)).map((word) => `the log says "${word}": ${line.trim()}`)
  })
}

// What the catalogue holds beside people: words that a log may well say.
const harmless = new Set([
  'basic',
  'advanced',
  'letter',
  'video',
  'certificate',
  'in_person',
  'pin24h',
  'permanente',
  'movil',
  'none',
  'valid-until',
  'issued',
  'support',
  'active',
  'blocked',
  // A surname of the catalogue, and the address of a page.
  'RENUNCIA',
])

/** Documents, contrasts, phones, names, addresses and the password of everybody in the catalogue. */
const testCitizens = [...wordsOf(catalogue.map(({ id: _id, ...person }) => person)), sandboxPassword]

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.length >= 4 && !harmless.has(value) ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

function variants(secret: string): string[] {
  const folded = fold(secret)
  const phone = /^\+?(?:34)?(\d{9})$/.exec(folded)?.[1]
  const names = /^[A-Z'· -]+$/.test(folded) ? folded.split(' ').filter((name) => name.length >= 6) : []
  return [folded, ...(phone ? [phone] : []), ...names]
}

/** The line without what is only a number of its own: time, process, duration. */
function contentOf(line: string): string {
  try {
    const { time: _time, pid: _pid, ms: _ms, ...others } = JSON.parse(line) as Record<string, unknown>
    return JSON.stringify(others)
  } catch {
    return line
  }
}

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase()

/** Whether the word stands in the text on its own, not inside of a longer one (a PIN in an identifier drawn at random). */
function standsIn(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const around = `${text[at - 1] ?? ' '}${text[at + word.length] ?? ' '}`
    if (!/[A-Z0-9]/.test(around)) return true
  }
  return false
}
