import { settings, type Setting } from './settings.ts'

/** The text of docs/config.md, from the table of settings. */
export function documentConfig(): string {
  const rows = Object.entries<Setting>(settings)
  return `# Configuration

Each setting is a variable of the environment; those that are not secret may also stand in \`config/<CONFIG>.json\`, under
the same name. The environment wins over the file, the file over the default. An empty variable is an absent one. A secret
may be handed over as a file: \`NAME_FILE\` is its path.

At start everything is checked at once; what is wrong or missing is named, one line each, and the process ends with code 1.
The value of a setting is never printed.

Any number of [the limits](limits.md) can be set for an installation: \`LIMIT_\` and its name, so that \`LIMIT_PIN_LIFETIME\`
sets \`pinLifetime\`.

${rows.map(([name, row]) => section(name, row)).join('\n')}`
}

function section(name: string, row: Setting): string {
  const facts = [
    `- Expected: ${row.kind.expected}.`,
    row.default === undefined ? needed(row) : `- Default: \`${String(row.default)}\`.`,
    ...(row.secret ? [`- Secret: in the environment, or in the file that \`${name}_FILE\` names.`] : []),
    `- Example: \`${row.example}\``,
  ]
  return `## ${name}\n\n${row.what}\n\n${facts.join('\n')}\n`
}

function needed({ neededBy, neededWhen }: Setting): string {
  if (!neededBy) return '- May be absent.'
  const commands = neededBy.map((command) => `\`${command}\``).join(', ')
  return `- Needed by ${commands}${neededWhen ? `, where \`${neededWhen.setting}=${neededWhen.is}\`` : ''}.`
}
