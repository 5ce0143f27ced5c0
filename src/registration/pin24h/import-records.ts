import { noteEvent } from '../../audit/index.ts'
import { standingsOf, type Standing } from '../../citizen/index.ts'
import type { CivilRegister } from '../../civil-register/index.ts'
import type { Clock, Db, Random, Sql, Tx } from '../../platform/index.ts'
import { readFile, type Line, type LineFault } from './read-file.ts'
import type { Column } from './read-record.ts'
import { recordTable } from './record-table.ts'

export interface ImportParts {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly register: CivilRegister
}

export type Imported =
  /** `id`: of the import, by which its records are found; absent: they were only checked. */
  | { readonly records: number; readonly id?: string }
  /** Nothing was imported. In the order of the file. */
  | { readonly refused: readonly LineFault[] }
  /** The civil register did not say who of these is alive; nothing was imported. */
  | 'silent'

/**
 * Imports a file of PIN 24h records in ONE transaction: all of it, or nothing where a single line is refused. Of two
 * imports at once the second waits, and then finds the documents there. Each record gets the id that its person's
 * registration will have, so that the audit names them by it from here on. `onlyCheck`: the same answer, and nothing done.
 */
export async function importRecords(
  parts: ImportParts,
  file: Buffer,
  { onlyCheck }: { readonly onlyCheck: boolean },
): Promise<Imported> {
  const { lines, faults } = readFile(file)
  const dead = await deceasedAmong(parts.register, lines)
  if (dead === 'silent') return 'silent'
  return parts.db.transaction(async (tx) => {
    await recordTable.lockImports(tx)
    const known = await whatIsKnown(tx, lines)
    const refused = [...faults, ...lines.flatMap((line) => unfit(line, known, dead)), ...sameInFile(lines)]
    if (refused.length > 0) return { refused: inOrder(refused) }
    return onlyCheck ? { records: lines.length } : put(tx, parts, lines, known)
  })
}

/** By line, and of each field the first that was found. */
function inOrder(faults: readonly LineFault[]): readonly LineFault[] {
  const first = new Map(faults.toReversed().map((fault) => [`${fault.line} ${fault.field}`, fault]))
  return faults
    .filter((fault) => first.get(`${fault.line} ${fault.field}`) === fault)
    .toSorted((a, b) => a.line - b.line)
}

const patience = 2_000

/** The documents of those who died, says the civil register, asked a few at a time. */
async function deceasedAmong(register: CivilRegister, lines: readonly Line[]): Promise<ReadonlySet<string> | 'silent'> {
  const dead = new Set<string>()
  const waiting = lines.map(({ record }) => record.document)
  let silent = false
  const ask = async (): Promise<void> => {
    for (let document = waiting.pop(); document !== undefined && !silent; document = waiting.pop()) {
      const person = await register.ask(document, patience)
      if (person === 'silent') silent = true
      else if (person?.deceased) dead.add(document)
    }
  }
  await Promise.all([ask(), ask(), ask(), ask()])
  return silent ? 'silent' : dead
}

interface Known {
  readonly citizens: ReadonlyMap<string, Standing>
  /** The document that each phone is of, among those registered. */
  readonly phones: ReadonlyMap<string, string>
  readonly imported: ReadonlySet<string>
  readonly importedPhones: ReadonlySet<string | null>
}

async function whatIsKnown(sql: Sql, lines: readonly Line[]): Promise<Known> {
  const documents = lines.map(({ record }) => record.document)
  const phones = lines.map(({ record }) => record.phone)
  const [citizens, records] = await Promise.all([
    standingsOf(sql, documents, phones),
    recordTable.taken(sql, documents, phones),
  ])
  return {
    citizens: new Map(citizens.map((one) => [one.document, one])),
    phones: new Map(citizens.flatMap(({ phone, document }) => (phone === undefined ? [] : [[phone, document]]))),
    imported: new Set(records.map(({ document }) => document)),
    importedPhones: new Set(records.map(({ phone }) => phone)),
  }
}

function unfit({ line, record }: Line, known: Known, dead: ReadonlySet<string>): readonly LineFault[] {
  const { document, phone } = record
  const citizen = known.citizens.get(document)
  const imported = known.imported.has(document)
  const wrong = (field: Column, expected: string) => ({ line, field, expected })
  const faults: LineFault[] = []
  if (citizen?.deceased || dead.has(document)) faults.push(wrong('document', 'a person who is alive'))
  else if (citizen?.registered) faults.push(wrong('document', 'a person who is not registered in Cl@ve yet'))
  else if (citizen?.renounced) faults.push(wrong('document', 'a person who did not renounce Cl@ve'))
  else if (imported) faults.push(wrong('document', 'a person whose record was not imported before'))
  if (known.phones.has(phone) || (!imported && known.importedPhones.has(phone)))
    faults.push(wrong('phone', 'a mobile phone that is not of another citizen'))
  return faults
}

/** A document or a phone that an earlier line has. */
function sameInFile(lines: readonly Line[]): readonly LineFault[] {
  const first = new Map<string, number>()
  const again = (field: Column, value: string, line: number): readonly LineFault[] => {
    const earlier = first.get(`${field} ${value}`)
    first.set(`${field} ${value}`, earlier ?? line)
    return earlier === undefined ? [] : [{ line, field, expected: `another one than in line ${earlier}` }]
  }
  return lines.flatMap(({ line, record }) => [
    ...again('document', record.document, line),
    ...again('phone', record.phone, line),
  ])
}

async function put(
  tx: Tx,
  { clock, random }: ImportParts,
  lines: readonly Line[],
  { citizens }: Known,
): Promise<Imported> {
  const at = clock.now()
  const id = random.uuid()
  const records = lines.map(({ record }) => ({
    ...record,
    // Who was a citizen once keeps their id for life.
    id: citizens.get(record.document)?.id ?? random.uuid(),
  }))
  await recordTable.put(tx, records, { id, at })
  // Begun without waiting for each other they travel together.
  await Promise.all(
    records.map((one) => noteEvent(tx, { kind: 'pin24h-imported', at, citizen: one.id, data: { importId: id } })),
  )
  return { records: records.length, id }
}
