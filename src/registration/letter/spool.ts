import { hash } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Envelope, Random } from '../../platform/index.ts'
import type { Batch, SpooledLetter } from './spool-table.ts'

/**
 * The print spool, a directory that the printer reads: for each batch one directory with the sealed letters and, once the
 * batch is settled, `manifest.json`. What has no manifest is not the printer's yet. The printer's answer lies beside it,
 * as `<batch>.ack.json`.
 */
export interface SpoolParts {
  /** LETTER_SPOOL */
  readonly directory: string
  /** Seals the letters in it: of a key of its own, which the printer gets. */
  readonly envelope: Envelope
  readonly random: Random
}

/** What the printer reads: names below the batch's directory, and of each file the SHA-256, hex. */
export interface Manifest {
  readonly batch: string
  /** ISO 8601. */
  readonly date: string
  readonly count: number
  readonly letters: readonly { readonly file: string; readonly sha256: string }[]
}

/** What the printer answers: which batch, how many letters it took, and the SHA-256 of the manifest that it read, hex. */
export interface Acknowledgement {
  readonly batch: string
  readonly count: number
  readonly sha256: string
}

const longestAcknowledgement = 4_096
const context = (letter: string): string => `letter.${letter}`
export const sha256 = (content: string | Buffer): string => hash('sha256', content, 'hex')

/** Each content has a name of its own: two workers that make the same letter do not write over each other's. */
const fileOf = ({ id, sha256 }: SpooledLetter): string => `${id}.${sha256.slice(0, 16)}.pdf.sealed`

const directoryOf = ({ directory }: SpoolParts, batch: string): string => join(directory, batch)
const acknowledgementOf = ({ directory }: SpoolParts, batch: string): string => join(directory, `${batch}.ack.json`)
export const manifestFile = 'manifest.json'

/** Puts a letter into its batch, on the disk when this answers; answers what the manifest will say of it. */
export async function spoolLetter(parts: SpoolParts, batch: string, id: string, pdf: Buffer): Promise<SpooledLetter> {
  const sealed = parts.envelope.seal(pdf, context(id))
  const letter = { id, sha256: sha256(sealed) }
  await write(parts, directoryOf(parts, batch), fileOf(letter), sealed)
  return letter
}

/** The PDF of a letter out of the spool, as the printer gets at it. Throws NotOpened. */
export const openLetter = (envelope: Envelope, file: string, sealed: string): Buffer =>
  envelope.open(sealed, context(file.slice(0, 36)))

export const dropLetter = (parts: SpoolParts, batch: string, letter: SpooledLetter): Promise<void> =>
  rm(join(directoryOf(parts, batch), fileOf(letter)), { force: true })

/** The same octets whenever and by whomever it is written. */
export function manifestOf({ id, made_at }: Batch, letters: readonly SpooledLetter[]): string {
  const listed = letters.map((letter) => ({ file: fileOf(letter), sha256: letter.sha256 }))
  const manifest: Manifest = { batch: id, date: made_at.toISOString(), count: listed.length, letters: listed }
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** Hands the batch to the printer. */
export const writeManifest = (parts: SpoolParts, batch: Batch, manifest: string): Promise<void> =>
  write(parts, directoryOf(parts, batch.id), manifestFile, manifest)

/** Whether the manifest lies in the spool already. */
export const hasManifest = (parts: SpoolParts, batch: Batch): Promise<boolean> =>
  stat(join(directoryOf(parts, batch.id), manifestFile)).then(
    () => true,
    () => false,
  )

/** What the printer answered; undefined as long as it did not, or where it is nothing that can be read. */
export async function readAcknowledgement(parts: SpoolParts, batch: Batch): Promise<Acknowledgement | undefined> {
  const path = acknowledgementOf(parts, batch.id)
  const size = await stat(path).then(
    ({ size }) => size,
    () => undefined,
  )
  if (size === undefined || size > longestAcknowledgement) return undefined
  try {
    const read = JSON.parse(await readFile(path, 'utf8')) as Partial<Acknowledgement> | null
    const { batch: named, count, sha256 } = read ?? {}
    return typeof named === 'string' && typeof count === 'number' && typeof sha256 === 'string'
      ? { batch: named, count, sha256 }
      : undefined
  } catch {
    return undefined
  }
}

/** Removes the letters, which hold CSVs, then the answer to them. */
export async function removeBatch(parts: SpoolParts, batch: Batch): Promise<void> {
  await rm(directoryOf(parts, batch.id), { recursive: true, force: true })
  await rm(acknowledgementOf(parts, batch.id), { force: true })
}

/** Written aside, flushed to the disk and renamed: the file is there whole, or not at all. */
async function write({ random }: SpoolParts, directory: string, name: string, content: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o750 })
  const aside = join(directory, `.${random.token(9)}`)
  const file = await open(aside, 'wx', 0o640)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(aside, join(directory, name))
}
