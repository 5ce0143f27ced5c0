import type { DemoAgency } from './agency.ts'
import type { Visitor } from './visitors.ts'

/** What `GET /<agency>/session` answers: who is logged in at the agency, as it was told. */
export interface SessionJson {
  readonly agency: string
  readonly protocol: 'oidc' | 'saml'
  readonly authenticated: boolean
  readonly person?: Readonly<Record<string, unknown>>
  /** 'low', 'substantial' or 'high'. */
  readonly level?: string
  readonly method?: unknown
  /**
   * In the words of the protocol. OIDC: `registration_level`, `claims` (of the verified ID token), `id_token`.
   * SAML: `attributes` (by FriendlyName), `name_id`, `session_index`, `assertion` (the verified one, as text).
   */
  readonly [told: string]: unknown
  /** The last login ended so. */
  readonly error?: string
  readonly error_description?: string
  /** SAML: the word of the top-level status. */
  readonly status?: string
}

export function sessionAsJson(agency: DemoAgency, visitor: Visitor | undefined): SessionJson {
  const head = { agency: agency.id, protocol: agency.protocol }
  const error = withoutUndefined(visitor?.error ?? {})
  const session = visitor?.session
  if (!session) return { ...head, authenticated: false, ...error }
  const { person, level, method, told } = session
  return { ...head, authenticated: true, person, level, method, ...withoutUndefined(told), ...error }
}

const withoutUndefined = (all: object): object =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
