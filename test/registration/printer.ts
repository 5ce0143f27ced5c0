import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openLetter, type Acknowledgement, type LetterPressParts, type Manifest } from '../../src/registration/index.ts'
import { askLetter } from '../../src/registration/letter/ask-letter.ts'
import { checkCsv } from '../../src/registration/letter/check-csv.ts'
import { sha256 } from '../../src/registration/letter/spool.ts'
import { readPdfLines } from '../../src/sandbox/read-pdf.ts'
import type { Scene } from './scene.ts'

/** Four people who can ask for a letter. */
const people = ['99999995C', '99999994L', 'Z9999999H', '99999989Z']
/** All of them ask, and the night comes. */
export const askAll = async (s: Scene): Promise<void> => {
  for (const document of people) await askLetter(s.parts, document, 'es', {})
  s.clock.advance(24 * 3600)
}

/** A printer: prints every letter of every manifest that it sees for the first time. */
export function printer({ directory, envelope }: LetterPressParts) {
  const manifests = new Map<string, string>()
  const printed: { readonly file: string; readonly csv: string }[] = []
  const look = async () => {
    for (const batch of await readdir(directory)) {
      const text = await readFile(join(directory, batch, 'manifest.json'), 'utf8').catch(() => undefined)
      if (text === undefined) continue
      if (manifests.has(batch)) {
        if (manifests.get(batch) !== text) throw new Error('a manifest changed after it was seen')
        continue
      }
      manifests.set(batch, text)
      const manifest = JSON.parse(text) as Manifest
      for (const { file, sha256: expected } of manifest.letters) {
        const sealed = await readFile(join(directory, batch, file), 'utf8')
        if (sha256(sealed) !== expected) throw new Error('a letter is not the one of the manifest')
        const csv = readPdfLines(openLetter(envelope, file, sealed)).find((line) => /^(\w{4} ){3}\w{4}$/.test(line))
        printed.push({ file, csv: csv ?? '' })
      }
    }
  }
  const answer = (batch: string, over: Partial<Acknowledgement> = {}) => {
    const text = manifests.get(batch) ?? ''
    const { count } = JSON.parse(text) as Manifest
    return writeFile(
      join(directory, `${batch}.ack.json`),
      JSON.stringify({ batch, count, sha256: sha256(text), ...over }),
    )
  }
  return { manifests, printed, look, answer }
}

/** Whether each CSV that was printed is that of one of these people, and each of them has one. */
export async function checkPrinted(t: Pick<Test, 'equal' | 'same'>, s: Scene, csvs: readonly string[]) {
  const left = new Set(csvs)
  for (const document of people)
    for (const csv of csvs)
      if (
        typeof (await checkCsv({ ...s.parts, limits: { csvTries: 100 } }, document, csv.replaceAll(' ', ''))) ===
        'string'
      )
        left.delete(csv)
  t.equal(csvs.length, people.length, 'each letter is printed once')
  t.equal(new Set(csvs).size, people.length)
  t.same([...left], [], 'and each has a CSV that is right')
}
