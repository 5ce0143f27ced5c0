/** How an agency's application speaks SAML. */
export interface SamlParty {
  /** `clave`: the real gateway's profile at /Proxy2; `standard`: SAML 2.0 at /saml. It speaks one of them. */
  readonly face: 'clave' | 'standard'
  /** ProviderName before `;` (clave), entityID (standard). No two relying parties share a name or an alias. */
  readonly name: string
  /** Issuers that a request without a ProviderName may carry instead of the name. Empty on the standard face. */
  readonly aliases: readonly string[]
  /** Those that its requests may be signed with; several while it changes them, expired ones among them. Never empty. */
  readonly certificates: readonly SamlCertificate[]
  /** Where answers may go. Never empty. On the clave face an URL may hold `{session}` in its last path segment. */
  readonly acs: readonly SamlAcs[]
  /** clave: return addresses after a logout, exact or pattern as in `acs`. Empty on the standard face. */
  readonly logout: readonly string[]
  /** standard: where LogoutRequest and LogoutResponse go; absent, single logout does not reach it. */
  readonly slo?: SamlLogoutService
  /** Absent: assertions are plain. */
  readonly encryption?: SamlEncryption
  /** Whether requests may come by HTTP-Redirect. clave: false unless told; standard: true. */
  readonly redirectBinding: boolean
  /** Names of attributes on the standard face: those of the gateway, or urn:oid for peers that ask. */
  readonly attributeNames: 'eidas' | 'oid'
  /** clave: Issuer of the LogoutResponse, where the peer wants another than our entityID (the real gateway's is `Cl@ve`). */
  readonly logoutIssuer?: string
  /** standard: where its metadata came from; absent where everything was typed by hand. */
  readonly metadata?: SamlMetadataSource
}

export interface SamlCertificate {
  readonly pem: string
  /** SHA-256 of the DER, hex, lower case. */
  readonly fingerprint: string
  /** ISO 8601. */
  readonly notBefore: string
  readonly notAfter: string
}

export interface SamlAcs {
  readonly url: string
  /** standard: AssertionConsumerServiceIndex. */
  readonly index?: number
  /** standard: the one meant where a request names none. */
  readonly isDefault?: boolean
}

export interface SamlLogoutService {
  readonly binding: 'redirect' | 'post'
  readonly url: string
  /** Where a LogoutResponse goes; the same as `url` where absent. */
  readonly responseUrl?: string
}

export interface SamlEncryption {
  readonly certificate: SamlCertificate
  readonly content: 'aes256-gcm' | 'aes256-cbc'
  /** Digest of RSA-OAEP; older peers know SHA-1 (rsa-oaep-mgf1p) only. */
  readonly keyDigest: 'sha1' | 'sha256'
}

/** What the registration says of encryption beside the metadata's key: other algorithms, or none at all. */
export type EncryptionChoice = false | Partial<Pick<SamlEncryption, 'content' | 'keyDigest'>>

export interface SamlMetadataSource {
  /** Read again from there by schedule; absent: given by hand. */
  readonly url?: string
  /** Seconds from one reading to the next; only beside `url`. */
  readonly refreshEvery?: number
  /** Fingerprints of the certificates that may sign it; the first signed import pins its signer. Empty: nobody yet. */
  readonly signedBy: readonly string[]
  /** ISO 8601; the metadata say until when they hold. From then on its requests are refused. */
  readonly validUntil?: string
  /** ISO 8601; when the metadata that hold were read. */
  readonly readAt: string
  /** Holds through every later reading. */
  readonly encryption?: EncryptionChoice
}
