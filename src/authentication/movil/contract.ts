import type { LevelsAsked } from '../../citizen/index.ts'
import type { Locale } from '../../platform/index.ts'

/** A citizen's phone: one is active, and its keys never leave it. Only the public halves are here. */
export interface Device {
  readonly id: string
  readonly citizen: string
  /** P-256, as the phone made it: signs whatever the phone says. */
  readonly key: { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  /** The platform authenticator's credential: proves the phone's own unlock. Absent: this phone reaches low only. */
  readonly credential: Credential | undefined
  /** As the citizen recognises it: "Android, Chrome". */
  readonly name: string
  readonly activatedAt: Date
  readonly lastUsedAt: Date | undefined
  /** After two denials in a row a request reaches this citizen by scanning only. */
  readonly mustScan: boolean
}

export interface Credential {
  /** base64url. */
  readonly id: string
  /** COSE, base64url. */
  readonly publicKey: string
  readonly counter: number
}

/** How a request came to the phone. `same`: it was opened on the phone that logs in. */
export type RequestPath = 'qr' | 'document' | 'same'

/** What a login asks of the phone; kept in PostgreSQL, since it is answered once. */
export interface MovilRequest {
  /** 128 random bits, base64url. */
  readonly id: string
  /** The login's id, and the browser that began it. */
  readonly login: string
  readonly browser: string
  readonly path: RequestPath
  readonly citizen: string | undefined
  readonly device: string | undefined
  readonly relyingParty: { readonly id: string; readonly name: string }
  readonly application: string | undefined
  readonly asked: LevelsAsked
  /** Network address and kind of the browser that waits, as the app shows them. */
  readonly place: { readonly address: string; readonly browser: string }
  readonly expires: Date
}

/** What the app shows before it asks the citizen to approve. */
export interface ShownRequest {
  readonly id: string
  readonly path: RequestPath
  readonly agency: string
  readonly application: string | undefined
  /** The genuine host of this service. */
  readonly host: string
  readonly place: {
    readonly address: string
    readonly browser: string
    /** Not the phone's own network. */ readonly elsewhere: boolean
  }
  /** Six digits to be compared; absent on the document path, where they are typed. */
  readonly code: string | undefined
  /** What the approval has to be signed over, beside what the citizen sees. */
  readonly relyingParty: string
  readonly level: string
  readonly nonce: string
  /** ISO 8601. */
  readonly expires: string
}

export type Decision = 'approve' | 'deny' | 'report'

/**
 * The JWS (compact, ES256, `typ: clave-movil-decision+jwt`, `kid`: the device's id) by which a phone decides. Its claims,
 * all of them and no other: what it is for is part of what is signed, so that nothing signed for one thing counts for another.
 * Header and claims are written without spaces and needless escapes, as JSON.stringify does, in any order.
 */
export interface DecisionClaims {
  /** BASE_URL. */
  readonly aud: string
  readonly request: string
  /** Relying party's id. */
  readonly rp: string
  /** The six digits, compared or typed. */
  readonly code: string
  /** The levels asked, joined by a space. */
  readonly level: string
  readonly nonce: string
  readonly decision: Decision
  /** Seconds since 1970, wire time; 5 minutes either way. */
  readonly iat: number
}

/** A WebAuthn assertion (AuthenticationResponseJSON); its challenge is the SHA-256 of the JWS' signing input. */
export type Assertion = Readonly<Record<string, unknown>>

/** How a request stands, for the page that waits; `refused`: by the rules, as soon as it was scanned. */
export type Standing = 'waiting' | 'scanned' | 'approved' | 'denied' | 'reported' | 'refused' | 'gone'

/** A word from a phone that has proven its key. */
export interface PhoneCall {
  readonly device: Device
  readonly address: string
  readonly locale: Locale
}
