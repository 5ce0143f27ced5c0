import { logFields, type LogField } from './log-fields.ts'

const levels = {
  fatal: 'The process ends because of it.',
  error: 'Something broke that somebody has to look at.',
  warn: 'Something was away or refused; the service goes on and tries again.',
  info: 'What happened: one line for each request, start and stop, connections made.',
  debug: 'What helps to find a fault; off in production.',
  trace: 'Everything.',
}

/** The text of docs/log.md, from the table of fields. */
export function documentLog(): string {
  const rows = Object.entries<LogField>(logFields).map(([name, { kind, what }]) => `- \`${name}\` (${kind}): ${what}`)
  const said = Object.entries(levels).map(([level, what]) => `- \`${level}\`: ${what}`)
  return `# Log

One line of JSON each, on standard output. Every line has \`level\`, \`time\` (ISO 8601, real time), \`deployment\`, \`pid\` and
\`message\`, which is a fixed text; what varies stands in the fields below. The log knows no other field: what it is given
beside them is dropped, and the name of the field is told once. No field is for an address, a query string, a cookie, a
body, a document, a phone or a code, and of an error its message is left out, since it may quote what it chokes on.

## Levels

${said.join('\n')}

## Fields

${rows.join('\n')}
`
}
