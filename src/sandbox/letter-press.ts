import { hash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from 'typebox'
import type { App } from '../platform/index.ts'
import {
  makeLetters,
  manifestFile,
  openLetter,
  readAcknowledgements,
  type Acknowledgement,
  type LetterPressParts,
  type Manifest,
} from '../registration/index.ts'
import { catalogue, type TestCitizen } from './catalogue.ts'
import type { SentMessage } from './parts.ts'
import { readPdfLines } from './read-pdf.ts'

export interface PressParts extends LetterPressParts {
  /** BASE_URL, below which the letters are shown. */
  readonly baseUrl: string
}

/** A printer that is not there: it takes the spool over as the real one does, and keeps the letters instead of posting them. */
export interface LetterPress {
  /** Has the letters made that were asked for, prints them, and answers every one there is, newest last. */
  sent(): Promise<readonly SentMessage[]>
  /** Forgets them, and what lies in the spool. */
  reset(): void
  /** Mounts the letters themselves, as PDF. */
  routes(app: App): void
}

interface Printed {
  readonly message: SentMessage
  readonly pdf: Buffer
}

/** What the window of the envelope shows: by it letters to a test citizen are found. */
export const postalAddress = ({ name, domicile }: Pick<TestCitizen, 'name' | 'domicile'>): string =>
  [
    [name.given, name.firstSurname, name.secondSurname].filter(Boolean).join(' '),
    domicile.street,
    `${domicile.postalCode} ${domicile.town}`,
  ].join(', ')

export function makeLetterPress(parts: PressParts): LetterPress {
  let printed: readonly Printed[] = []
  let last: Promise<unknown> = Promise.resolve()
  const work = async () => {
    await makeLetters(parts)
    printed = [...printed, ...printSpool(parts)]
    await readAcknowledgements(parts)
    return printed.map(({ message }) => message)
  }
  return {
    // One after the other: two at once would print the same batch.
    sent() {
      const run = last.then(work)
      last = run.catch(() => {})
      return run
    },
    reset() {
      printed = []
      rmSync(parts.directory, { recursive: true, force: true })
    },
    routes(app) {
      const schema = { params: Type.Object({ id: Type.String() }) }
      app.get('/sandbox/letters/:id', { schema }, async ({ params }, reply) => {
        const letter = printed.find(({ message }) => message.id === params.id)
        return letter ? reply.type('application/pdf').send(letter.pdf) : reply.callNotFound()
      })
    },
  }
}

/** Each batch that has a manifest and no answer yet. */
function printSpool(parts: PressParts): readonly Printed[] {
  const names = namesIn(parts.directory)
  const waiting = names.filter((name) => namesIn(join(parts.directory, name)).includes(manifestFile))
  return waiting.filter((name) => !names.includes(`${name}.ack.json`)).flatMap((batch) => printBatch(parts, batch))
}

function printBatch(parts: PressParts, batch: string): readonly Printed[] {
  const text = readFileSync(join(parts.directory, batch, manifestFile), 'utf8')
  const manifest = JSON.parse(text) as Manifest
  const letters = manifest.letters.map(({ file, sha256 }) => {
    const sealed = readFileSync(join(parts.directory, batch, file), 'utf8')
    if (hash('sha256', sealed, 'hex') !== sha256)
      throw new Error('a letter in the spool is not the one of its manifest')
    return print(parts, openLetter(parts.envelope, file, sealed))
  })
  const answer: Acknowledgement = { batch, count: letters.length, sha256: hash('sha256', text, 'hex') }
  writeFileSync(join(parts.directory, `${batch}.ack.json`), JSON.stringify(answer))
  return letters
}

function print({ clock, random, baseUrl }: PressParts, pdf: Buffer): Printed {
  const lines = readPdfLines(pdf)
  const text = lines.join('\n')
  const id = random.uuid()
  const csv = /^([2-9A-HJ-NP-Z]{4}) ([2-9A-HJ-NP-Z]{4}) ([2-9A-HJ-NP-Z]{4}) ([2-9A-HJ-NP-Z]{4})$/m.exec(text)
  const to = catalogue.map(postalAddress).find((address) => address.split(', ').every((line) => lines.includes(line)))
  const message = { id, at: clock.wire().toISOString(), channel: 'letter', to: to ?? '', text } as const
  const code = csv?.slice(1).join('') ?? ''
  return { message: { ...message, code, url: new URL(`/sandbox/letters/${id}`, baseUrl).href }, pdf }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
