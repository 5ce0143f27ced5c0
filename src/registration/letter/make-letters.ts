import { noteEvent } from '../../audit/index.ts'
import type { CivilRecord, CivilRegister, Domicile } from '../../civil-register/index.ts'
import type { Limits } from '../../lockout/index.ts'
import type { Clock, Db, Digest, I18n, Log, Random } from '../../platform/index.ts'
import { drawCsv } from '../draw-codes.ts'
import { localeOf } from '../tell.ts'
import { csvDigest } from './check-csv.ts'
import { noteKilled } from './kill-letter.ts'
import { makeLetter, type LetterDocumentParts } from './letter-document.ts'
import { letterTable } from './letter-table.ts'
import {
  dropLetter,
  hasManifest,
  manifestOf,
  readAcknowledgement,
  removeBatch,
  sha256,
  spoolLetter,
  writeManifest,
  type SpoolParts,
} from './spool.ts'
import { spoolTable, type Batch, type PendingLetter } from './spool-table.ts'

export interface LetterPressParts extends SpoolParts, LetterDocumentParts {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly digest: Digest
  readonly limits: Limits
  readonly i18n: I18n
  readonly register: CivilRegister
  readonly log: Log
}

/** Letters of one batch at most. */
const mostOfBatch = 500
/** Nobody waits for the job: the register may take its time, milliseconds. */
const registerPatience = 5_000

/**
 * Makes the letters that are due and hands them to the printer, batch by batch. Killed at any point, the next run, of this
 * worker or another, goes on: a letter that has its CSV is not made again, one that has none was never in a manifest.
 */
export async function makeLetters(parts: LetterPressParts): Promise<void> {
  const { db, clock, random } = parts
  while ((await spoolTable.claim(db, random.uuid(), clock.now(), mostOfBatch)) === mostOfBatch);
  for (const batch of await spoolTable.open(db)) await fillBatch(parts, batch)
  for (const batch of await spoolTable.sealed(db)) await handOver(parts, batch)
}

async function fillBatch(parts: LetterPressParts, batch: Batch): Promise<void> {
  const { db, clock } = parts
  for (const letter of await spoolTable.pending(db, batch.id)) await makeOne(parts, batch, letter)
  await spoolTable.release(db, batch.id)
  await spoolTable.seal(db, batch.id, clock.now())
}

/** The CSV is drawn here, goes into the document, and only its digest stays. The register's silence leaves it for later. */
async function makeOne(parts: LetterPressParts, batch: Batch, letter: PendingLetter): Promise<void> {
  const person = await parts.register.ask(letter.document, registerPatience)
  if (person === 'silent') return
  if (!person?.domicile || person.deceased) return giveUp(parts, letter)
  const csv = drawCsv(parts.random)
  const now = parts.clock.now()
  const expires = parts.clock.in(parts.limits.letterLifetime)
  const pdf = await makeLetter(parts, contentOf(person, person.domicile, csv, now, expires, letter))
  const spooled = await spoolLetter(parts, batch.id, letter.id, pdf)
  const csvOf = csvDigest(parts.digest, letter.document, csv)
  const stamp = { letter: letter.id, batch: batch.id, sha256: spooled.sha256, csvDigest: csvOf, now, expires }
  const made = await parts.db.transaction(async (tx) => {
    if (!(await spoolTable.stamp(tx, stamp))) return false
    await noteEvent(tx, { kind: 'letter-made', at: now, data: { letter: letter.id, spoolBatch: batch.id } })
    return true
  })
  if (!made) await dropLetter(parts, batch.id, spooled)
}

const contentOf = (
  { name }: CivilRecord,
  domicile: Domicile,
  csv: string,
  at: Date,
  expires: Date,
  { locale }: PendingLetter,
) => ({ person: { name }, domicile, csv, at, expires, locale: localeOf(locale) })

/** The person died, or no domicile is on record any more. */
async function giveUp({ db, clock }: LetterPressParts, { document }: PendingLetter): Promise<void> {
  const now = clock.now()
  await db.transaction(async (tx) => {
    const killed = await letterTable.kill(tx, document, 'undeliverable', now)
    if (killed !== undefined) await noteKilled(tx, killed, 'undeliverable', now)
  })
}

/** The manifest is what makes a batch the printer's; where it holds nothing, there is nothing to wait for. */
async function handOver(parts: LetterPressParts, batch: Batch): Promise<void> {
  const letters = await spoolTable.contents(parts.db, batch.id)
  if (letters.length === 0) return void (await spoolTable.acknowledge(parts.db, batch.id, parts.clock.now()))
  if (await hasManifest(parts, batch)) return
  await writeManifest(parts, batch, manifestOf(batch, letters))
  parts.log.info({ part: 'letters', count: letters.length }, 'letters were handed to the printer')
}

/**
 * Reads what the printer answered. A batch that it took over as it was is done: its files are removed. An answer to
 * another manifest, or of another count, is the operator's to look at (docs/runbooks/letters.md).
 */
export async function readAcknowledgements(parts: LetterPressParts): Promise<void> {
  const { db, clock, log } = parts
  for (const batch of await spoolTable.sealed(db)) {
    const answer = await readAcknowledgement(parts, batch)
    if (!answer) continue
    const letters = await spoolTable.contents(db, batch.id)
    const expected = sha256(manifestOf(batch, letters))
    if (answer.batch === batch.id && answer.count === letters.length && answer.sha256 === expected)
      await spoolTable.acknowledge(db, batch.id, clock.now())
    else log.error({ part: 'letters', count: answer.count }, 'the printer acknowledged something else')
  }
  for (const batch of await spoolTable.acknowledged(db)) {
    await removeBatch(parts, batch)
    await spoolTable.removed(db, batch.id, clock.now())
  }
}
