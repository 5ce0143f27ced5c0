import type { Loa } from '../../citizen/index.ts'
import type { Scope } from '../../relying-party/index.ts'

/** One demo agency (sandbox.md, "Demo agencies"). */
export type DemoAgency = OidcDemoAgency | SamlDemoAgency

interface AnyDemoAgency {
  readonly id: string
  readonly name: string
  /** What a citizen would do there; only for show. */
  readonly service: string
  /** How it speaks with Cl@ve; only for show. */
  readonly speaks: string
  readonly sector: string
  readonly leastLevel: Loa
  readonly scopes: readonly Scope[]
  /** It still has its own login from before Cl@ve. */
  readonly hasPin24h?: true
}

export interface OidcDemoAgency extends AnyDemoAgency {
  readonly protocol: 'oidc'
  /** How it authenticates at the token endpoint. */
  readonly authentication: 'client_secret_basic' | 'private_key_jwt'
  /** Pushes its authorization requests (RFC 9126). */
  readonly pushes: boolean
  /** Hears from Cl@ve when the citizen logs out elsewhere (OpenID Connect Back-Channel Logout 1.0). */
  readonly hearsLogouts: boolean
}

export interface SamlDemoAgency extends AnyDemoAgency {
  readonly protocol: 'saml'
  /** The real gateway's profile, or SAML 2.0 as everywhere else. */
  readonly face: 'clave' | 'standard'
  /** ProviderName of its requests: who asks, and for which application. */
  readonly providerName: string
}

const everything: readonly Scope[] = ['profile', 'document', 'registration', 'email', 'phone']
const identity: readonly Scope[] = ['profile', 'document', 'registration']

export const demoAgencies: readonly DemoAgency[] = [
  {
    id: 'aeat',
    protocol: 'oidc',
    name: 'Agencia Tributaria',
    service: 'Income tax return',
    speaks: 'OpenID Connect',
    sector: 'aeat.demo',
    leastLevel: 'low',
    scopes: everything,
    hasPin24h: true,
    authentication: 'client_secret_basic',
    pushes: false,
    hearsLogouts: true,
  },
  {
    id: 'seguridad-social',
    protocol: 'saml',
    name: 'Seguridad Social',
    service: 'Working life report',
    speaks: 'SAML, as the real gateway speaks it',
    sector: 'seguridad-social.demo',
    leastLevel: 'substantial',
    scopes: identity,
    face: 'clave',
    providerName: 'S2833002E_E04995902;Demo',
  },
  {
    id: 'dgt',
    protocol: 'oidc',
    name: 'Dirección General de Tráfico',
    service: 'Driving licence and points',
    speaks: 'OpenID Connect, PAR and private_key_jwt',
    sector: 'dgt.demo',
    leastLevel: 'substantial',
    scopes: identity,
    authentication: 'private_key_jwt',
    pushes: true,
    hearsLogouts: true,
  },
  {
    id: 'sepe',
    protocol: 'saml',
    name: 'Servicio Público de Empleo',
    service: 'Unemployment benefit',
    speaks: 'SAML 2.0, encrypted assertions',
    sector: 'sepe.demo',
    leastLevel: 'low',
    scopes: identity,
    face: 'standard',
    providerName: 'Servicio Público de Empleo (demo)',
  },
  {
    id: 'interior',
    protocol: 'oidc',
    name: 'Ministerio del Interior',
    service: 'Complaint to the police',
    speaks: 'OpenID Connect',
    sector: 'interior.demo',
    leastLevel: 'high',
    scopes: ['profile', 'document'],
    authentication: 'client_secret_basic',
    pushes: false,
    hearsLogouts: false,
  },
]
