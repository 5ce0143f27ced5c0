import { refusals, type RefusalRow } from './table.ts'

/** The text of docs/errors.md, from the table of refusals. */
export function documentRefusals(): string {
  const rows = Object.entries<RefusalRow>(refusals)
  return `# Errors

Every reason why a login does not end with a citizen, as an agency meets it. The citizen reads the same in words of their
own on the page; the code stands there too, for the help desk.

"Answered to the agency": the login ends and the agency gets the error of its protocol. "Shown on a page": the citizen can
go on, or nobody can be answered safely; the agency hears of it only if the citizen then gives up.

Those that begin with SAML- are about the message itself. They are answered to the agency once its signature and its return
address are certain, with what was found behind the text; before that, a page says the same.

Errors of the protocols themselves (a wrong redirect_uri, an unknown client, a code redeemed twice) are those of OAuth 2.0
(RFC 6749, 9126, 9449) and OpenID Connect Core 1.0.

${rows.map(([code, row]) => section(code, row)).join('\n')}`
}

function section(code: string, { http, ends, oidc, saml, cause, remedy }: RefusalRow): string {
  return `## ${code}

${cause}

- ${ends === 'agency' ? 'Answered to the agency' : 'Shown on a page'}, HTTP status ${http}.
- What to do: ${remedy}
- OpenID Connect: \`error=${oidc.error}\`, \`error_description=${oidc.description}\`
- SAML: \`${saml.status}\`, \`${saml.sub}\`, \`${saml.message}\`
`
}
