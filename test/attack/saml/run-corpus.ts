import { isRefusal } from '../../../src/refusal/index.ts'
import { makeGenuine } from './attack.ts'
import { loadCorpus, receive } from './corpus.ts'

/** One line of what the corpus test reads. */
export interface CorpusLine {
  readonly name: string
  readonly expected: string
  readonly refused: string
  readonly reason: string
  /** Of the processor. */
  readonly milliseconds: number
}

// Run by itself with a small heap, so that a case that inflates or parses beyond its limit ends the process.
const now = new Date()
const genuine = makeGenuine(now)
const write = (line: CorpusLine) => process.stdout.write(`${JSON.stringify(line)}\n`)
for (const { name, make, refused: expected } of await loadCorpus()) {
  const attempt = make(genuine)
  const began = process.cpuUsage()
  const answer = receive(attempt, genuine, now)
  const { user, system } = process.cpuUsage(began)
  const milliseconds = (user + system) / 1000
  const refused = isRefusal(answer) ? answer.refused : 'nothing: it yielded a value'
  write({ name, expected, refused, reason: isRefusal(answer) ? String(answer.details?.['reason']) : '', milliseconds })
}
