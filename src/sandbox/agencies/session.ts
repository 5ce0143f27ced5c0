import type { DemoAgency } from './agency.ts'
import type { Visitor } from './visitors.ts'

/** What `GET /<agency>/session` answers: who is logged in at the agency, as it was told. */
export interface SessionJson {
  readonly agency: string
  readonly protocol: 'oidc'
  readonly authenticated: boolean
  readonly person?: Readonly<Record<string, unknown>>
  /** 'low', 'substantial' or 'high'. */
  readonly level?: string
  readonly method?: unknown
  readonly registration_level?: unknown
  /** The verified ID token's claims. */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly id_token?: string
  /** The last login ended so. */
  readonly error?: string
  readonly error_description?: string
}

export function sessionAsJson(agency: DemoAgency, visitor: Visitor | undefined): SessionJson {
  const head = { agency: agency.id, protocol: 'oidc' as const }
  const error = visitor?.error && {
    error: visitor.error.error,
    ...(visitor.error.error_description === undefined ? {} : { error_description: visitor.error.error_description }),
  }
  const session = visitor?.session
  if (!session) return { ...head, authenticated: false, ...error }
  const acr = String(session.claims.acr)
  return {
    ...head,
    authenticated: true,
    person: session.person,
    level: acr.slice(acr.lastIndexOf('/') + 1),
    method: session.person.method,
    registration_level: session.person.registration_level,
    claims: session.claims,
    id_token: session.idToken,
    ...error,
  }
}
