import type { Clock } from '../../platform/index.ts'
import type { RelyingParties } from '../../relying-party/index.ts'
import type { Finding } from './finding.ts'
import type { ToldAttribute } from './told-attributes.ts'

export interface ExaminerParts {
  /** Our entityID. */
  readonly issuer: string
  readonly clock: Clock
  readonly relyingParties: Pick<
    RelyingParties,
    'find' | 'findBySamlName' | 'findBySamlCertificate' | 'findBySamlReturnAddress' | 'list'
  >
  /** Those that we sign with now, PEM or base64 of the DER. */
  readonly ourCertificates: () => Promise<readonly string[]>
}

/** What a strict peer makes of a message. */
export interface Examination {
  readonly findings: readonly Finding[]
  /** The local name of the root, where there is one. */
  readonly kind?: string
  /** The message, an element a line. */
  readonly xml?: string
  readonly attributes?: readonly ToldAttribute[]
}
