import path from 'node:path'
import { pathToFileURL } from 'node:url'

/** What the log says of an error. No message: PostgreSQL, JSON.parse and many others quote the value they choke on. */
export interface LoggedError {
  readonly name: string
  readonly code?: string
  /** PostgreSQL's names of what was violated, and the operating system's of the call that failed. */
  readonly constraint?: string
  readonly table?: string
  readonly column?: string
  readonly syscall?: string
  readonly statusCode?: number
  readonly stack: readonly string[]
  readonly cause?: LoggedError
}

const words = ['code', 'constraint', 'table', 'column', 'syscall'] as const
const deepest = 3
const root = pathToFileURL(path.join(import.meta.dirname, '../..')).href + '/'

export function logError(thrown: unknown, depth = 1): LoggedError {
  if (!(thrown instanceof Error)) return { name: typeof thrown, stack: [] }
  const facts = thrown as Error & Partial<Record<string, unknown>>
  const said: Record<string, string> = {}
  for (const word of words) {
    const value = facts[word]
    if (typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)) said[word] = value
  }
  const next: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown.cause
  return {
    name: /^\w{1,64}$/.test(thrown.name) ? thrown.name : 'Error',
    ...said,
    ...(typeof facts['statusCode'] === 'number' ? { statusCode: facts['statusCode'] } : {}),
    stack: framesOf(thrown),
    ...(next !== undefined && depth < deepest ? { cause: logError(next, depth + 1) } : {}),
  }
}

/** The stack without its head, which is the message; a message of several lines may itself look like frames. */
function framesOf({ name, message, stack = '' }: Error): string[] {
  const at = stack.indexOf(message)
  const tail = message === '' || at === -1 ? stack : stack.slice(at + message.length)
  return tail
    .split('\n')
    .map((line) => /^\s+at (.*)$/.exec(line)?.[1])
    .filter((frame) => frame !== undefined && frame !== name)
    .slice(0, 12)
    .map((frame) => (frame as string).replaceAll(root, ''))
}
