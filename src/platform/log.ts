import pino from 'pino'
import { logError } from './log-error.ts'
import { logFields, type LogField, type LogFields } from './log-fields.ts'

export type { LogFields } from './log-fields.ts'

/** Says what happened, in a line of JSON: fixed words and fields of the table, nothing that a person typed. */
export interface Log {
  fatal: Say
  error: Say
  warn: Say
  info: Say
  debug: Say
  trace: Say
  /** The same log, with these fields in every line. */
  child(fields: LogFields): Log
  /** Writes what is still held back, before the process ends. */
  flush(): void
}

/** `message` is a constant: what varies goes into the fields. */
export interface Say {
  (fields: LogFields, message: string): void
  (message: string): void
}

export interface LogOptions {
  readonly level: string
  readonly deployment: string
  /** Where the lines go; standard output unless told otherwise. */
  readonly destination?: { write(line: string): void }
  /** Told the name of each field that was dropped; without it the log itself says so, once for each name. */
  readonly onDropped?: (field: string) => void
}

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'

export function makeLog({ level, deployment, destination, onDropped }: LogOptions): AllowlistLog {
  // Lines are handed to the system in the background: a slow reader of the log must not hold the citizens up.
  const output = destination ?? pino.destination({ dest: 1, sync: false })
  const target = pino(
    {
      level,
      base: { deployment, pid: process.pid },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    output,
  )
  const told = new Set<string>()
  const once = (field: string) => {
    if (told.size > 100 || told.has(field)) return
    told.add(field)
    target.warn({ field }, 'a field unknown to the log was dropped')
  }
  const flush = () => {
    if ('flushSync' in output && typeof output.flushSync === 'function') (output as { flushSync(): void }).flushSync()
  }
  return new AllowlistLog({ target, flush, dropped: onDropped ?? once }, {})
}

interface Sink {
  readonly target: pino.Logger
  readonly flush: () => void
  readonly dropped: (field: string) => void
}

type Fields = Readonly<Record<string, unknown>>

/**
 * A log as Fastify wants it (pino's methods), which lets through the fields of the table only. A class, since each
 * request has one of its own: its methods are shared, and nothing is made into text before a line is written.
 */
export class AllowlistLog implements Log {
  readonly #sink: Sink
  readonly #fields: Fields

  constructor(sink: Sink, fields: Fields) {
    this.#sink = sink
    this.#fields = fields
  }

  get level(): string {
    return this.#sink.target.level
  }

  child(fields: Fields): AllowlistLog {
    return new AllowlistLog(this.#sink, { ...this.#fields, ...this.#allowed(fields) })
  }

  flush(): void {
    this.#sink.flush()
  }

  fatal(...said: unknown[]): void {
    this.#write('fatal', said)
  }
  error(...said: unknown[]): void {
    this.#write('error', said)
  }
  warn(...said: unknown[]): void {
    this.#write('warn', said)
  }
  info(...said: unknown[]): void {
    this.#write('info', said)
  }
  debug(...said: unknown[]): void {
    this.#write('debug', said)
  }
  trace(...said: unknown[]): void {
    this.#write('trace', said)
  }
  silent(): void {}

  #write(level: Level, [first, second]: readonly unknown[]): void {
    const { target } = this.#sink
    if (!target.isLevelEnabled(level)) return
    const fields =
      first instanceof Error ? { err: first } : typeof first === 'object' && first !== null ? { ...first } : {}
    const message = typeof first === 'string' ? first : second
    target[level]({ ...this.#fields, ...this.#allowed(fields) }, harmless(message, fields))
  }

  #allowed(fields: Fields): Fields {
    const allowed: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(fields)) {
      const row: LogField | undefined = Object.hasOwn(logFields, name) ? logFields[name as keyof LogFields] : undefined
      if (value === undefined || whole.has(name)) continue
      if (row && fits[row.kind](value)) allowed[name] = row.kind === 'error' ? logError(value) : value
      else this.#sink.dropped(name)
    }
    return allowed
  }
}

/** What Fastify itself hands over whole: request and answer, of which a line says method, route and status. */
const whole = new Set(['req', 'res'])

const fits: Record<LogField['kind'], (value: unknown) => boolean> = {
  name: (value) => typeof value === 'string' && /^\S{0,200}$/.test(value),
  number: (value) => typeof value === 'number',
  error: () => true,
}

/** Libraries log an error with its own message as the text of the line: then the line says only that there is one. */
function harmless(message: unknown, { err }: Fields): string {
  const quotes =
    err instanceof Error && err.message !== '' && typeof message === 'string' && message.includes(err.message)
  return typeof message !== 'string' || quotes ? 'error' : message
}
