import type { Loa } from '../../citizen/index.ts'
import type { Scope } from '../../relying-party/index.ts'

/** One demo agency (sandbox.md, "Demo agencies"). */
export interface DemoAgency {
  readonly id: string
  readonly name: string
  /** What a citizen would do there; only for show. */
  readonly service: string
  readonly sector: string
  readonly leastLevel: Loa
  readonly scopes: readonly Scope[]
  /** How it authenticates at the token endpoint. */
  readonly authentication: 'client_secret_basic' | 'private_key_jwt'
  /** Pushes its authorization requests (RFC 9126). */
  readonly pushes: boolean
}

const everything: readonly Scope[] = ['profile', 'document', 'registration', 'email', 'phone']

export const demoAgencies: readonly DemoAgency[] = [
  {
    id: 'aeat',
    name: 'Agencia Tributaria',
    service: 'Income tax return',
    sector: 'aeat.demo',
    leastLevel: 'low',
    scopes: everything,
    authentication: 'client_secret_basic',
    pushes: false,
  },
  {
    id: 'dgt',
    name: 'Dirección General de Tráfico',
    service: 'Driving licence and points',
    sector: 'dgt.demo',
    leastLevel: 'substantial',
    scopes: ['profile', 'document', 'registration'],
    authentication: 'private_key_jwt',
    pushes: true,
  },
  {
    id: 'interior',
    name: 'Ministerio del Interior',
    service: 'Complaint to the police',
    sector: 'interior.demo',
    leastLevel: 'high',
    scopes: ['profile', 'document'],
    authentication: 'client_secret_basic',
    pushes: false,
  },
]
