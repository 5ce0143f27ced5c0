import { eventKinds, type EventKindRow } from './events.ts'

/** docs/audit.md: every kind of event with its fields. */
export function documentAudit(): string {
  const kinds = Object.entries<EventKindRow>(eventKinds).map(([kind, row]) => {
    const fields = Object.entries(row.fields).map(([name, { type, optional, personal }]) => {
      const said = [type, ...(optional ? ['optional'] : []), ...(personal ? ['personal'] : [])]
      return `- \`${name}\` (${said.join(', ')})\n`
    })
    const about = { always: 'Names the citizen', maybe: 'May name a citizen', never: 'Names no citizen' }[row.citizen]
    const where = { always: 'the agency', maybe: 'maybe an agency' }[row.relyingParty]
    return `## ${kind}\n\n${row.what} ${about} and ${where}.\n${fields.length > 0 ? `\n${fields.join('')}` : ''}`
  })
  return `# Events of the audit

<!-- Made from src/audit/events.ts by "npm run docs". -->

What is written of the acts of citizens and of those who act for them, in the act's own transaction, sealed within a second
and never changed again (docs/runbooks/audit.md). Each event has a number, an instant, its kind and the fields below. No field
holds a PIN, password, CSV, activation code, document, whole phone number or e-mail address.

${kinds.join('\n')}`
}
