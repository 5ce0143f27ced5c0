import { limitTable, limitVariable, type Limit, type LimitName } from './limits.ts'

/** The text of docs/limits.md, from the table of limits. */
export function documentLimits(): string {
  const rows = Object.entries<Limit>(limitTable).map(([name, row]) => [
    `\`${name}\``,
    shownValue(row),
    row.what,
    row.source,
    `\`${limitVariable(name as LimitName)}\``,
  ])
  return `# Limits

Every lifetime and every "how often" of the service. An installation sets one otherwise with the variable named beside it,
in the unit of the default: \`LIMIT_PIN_LIFETIME=300\` makes a PIN live 300 seconds.
(F): found at the real Cl@ve. (P): our policy.

${table([['limit', 'default', 'what it means', 'source', 'variable'], ...rows])}
Failures of a document are counted apart for browsers that completed a login of its citizen before ("known") and for all
others, so that knowing a DNI is not enough to block its owner. A refusal begins at each full number of failures, first for
\`refusalFirst\`, then for twice as long each time; of a password, the first full number from known browsers blocks it
instead. While it lasts, the right secret is refused as well. A success forgets the failures of the factors it used, on the
side of the browser it came from.
`
}

function shownValue({ value, unit }: Limit): string {
  if (unit === 'count') return String(value)
  return unit === 'ms' ? `${value} ms` : `${value} s${spoken(value)}`
}

/** 600 → (10 min). */
function spoken(seconds: number): string {
  const units = [
    [365 * 86_400, 'years'],
    [86_400, 'days'],
    [3_600, 'h'],
    [60, 'min'],
  ] as const
  const [size, name] = units.find(([size]) => seconds > size && seconds % size === 0) ?? []
  return size === undefined ? '' : ` (${seconds / size} ${name})`
}

/** A Markdown table, its columns padded as Prettier pads them. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[], pad = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, pad)).join(' | ')} |\n`
  const [head = [], ...body] = rows
  return (
    line(head) +
    line(
      widths.map(() => '-'),
      '-',
    ) +
    body.map((row) => line(row)).join('')
  )
}
