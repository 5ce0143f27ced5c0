/** oidc-provider ships no types: what this room uses of it, as its source has it (9.13.3). */
declare module 'oidc-provider' {
  import type { KeyObject } from 'node:crypto'
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export interface Adapter {
    upsert(id: string, payload: Payload, expiresIn: number): Promise<void>
    find(id: string): Promise<Payload | undefined>
    findByUserCode(code: string): Promise<Payload | undefined>
    findByUid(uid: string): Promise<Payload | undefined>
    consume(id: string): Promise<void>
    destroy(id: string): Promise<void>
    revokeByGrantId(grantId: string): Promise<void>
  }
  /** What a model keeps: JSON. */
  export type Payload = Record<string, unknown>

  export interface ClaimsRequest {
    readonly id_token?: Readonly<Record<string, unknown>>
    readonly userinfo?: Readonly<Record<string, unknown>>
  }

  export interface Client {
    readonly clientId: string
    readonly clientSecret?: string
    redirectUriAllowed(uri: string): boolean
    readonly backchannelLogoutUri?: string
    /** Rejects where the client does not answer 200 or 204 within 2.5 s. */
    backchannelLogout(accountId: string, sid: string): Promise<void>
    /** Extra metadata keeps its name. */
    readonly [name: string]: unknown
  }

  export interface Grant {
    readonly jti: string
    readonly accountId: string
    readonly clientId: string
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }

  export interface Session {
    readonly accountId?: string
    readonly state?: { readonly secret: string }
    loginAccount(details: { accountId: string; acr: string; amr: string[]; loginTs: number }): void
    sidFor(clientId: string, sid: string): void
    grantIdFor(clientId: string, grantId: string): void
  }

  export interface Account {
    readonly accountId: string
    claims(use: string, scope: string, claims: object, rejected: readonly string[]): Promise<Record<string, unknown>>
  }

  export interface OidcContext {
    readonly route: string
    readonly provider: Provider
    readonly client: Client
    readonly params: Readonly<Record<string, string | undefined>>
    readonly body?: Readonly<Record<string, string | undefined>>
    readonly session: Session
    readonly prompts: ReadonlySet<string>
    readonly result?: { readonly login?: Readonly<Record<string, unknown>> }
    readonly entities: {
      readonly Client?: Client
      readonly IdTokenHint?: { readonly payload: { readonly sub: string } }
      readonly PushedAuthorizationRequest?: object
    }
    promptPending(name: string): boolean
    entity(name: 'Account' | 'Grant', value: unknown): void
  }

  export interface Context {
    readonly req: IncomingMessage
    readonly res: ServerResponse
    readonly path: string
    readonly query: Readonly<Record<string, string | string[] | undefined>>
    readonly cookies: { get(name: string, options?: object): string | undefined }
    readonly oidc: OidcContext
    readonly response: { get(name: string): string | string[] }
    status: number
    body: unknown
    respond?: boolean
    redirect(url: string): void
    accepts(...types: string[]): string | false
  }

  export interface Configuration {
    findAccount?(ctx: Context, id: string, token?: TokenLike): object | Promise<object | undefined>
    loadExistingGrant?(ctx: Context): Promise<Grant | undefined>
    interactions?: {
      policy?: readonly Prompt[]
      url(ctx: Context, interaction: { readonly uid: string }): string | Promise<string>
    }
    [setting: string]: unknown
  }

  export interface TokenLike {
    readonly grantId: string
    format?: string
  }

  export class Provider {
    constructor(issuer: string, configuration: Configuration)
    static get ctx(): Context | undefined
    proxy: boolean
    silent: boolean
    readonly Client: {
      find(id: string): Promise<Client | undefined>
      readonly prototype: { compareClientSecret(this: Client, given: string): boolean }
      /** Throws `errors.InvalidClientMetadata`. */
      validate(metadata: object): Promise<void>
    }
    readonly AccessToken: { readonly prototype: { generateTokenId(this: TokenLike): string } }
    readonly ReplayDetection: { unique(iss: string, jti: string, exp: number): Promise<boolean> }
    readonly Grant: new (payload: object) => Grant
    use(middleware: (ctx: Context, next: () => Promise<void>) => Promise<void>): this
    registerResponseMode(name: string, handler: unknown): void
    on(event: string, listener: (ctx: Context, error: Error) => void): this
    callback(): (req: IncomingMessage, res: ServerResponse) => Promise<void>
    createContext(req: IncomingMessage, res: ServerResponse): Context
    interactionDetails(req: IncomingMessage, res: ServerResponse): Promise<{ readonly uid: string }>
    interactionFinished(req: IncomingMessage, res: ServerResponse, result: object): Promise<void>
    cookieName(type: 'session' | 'interaction' | 'resume'): string
  }

  /** A key whose private half the library does not hold. */
  export class ExternalSigningKey {
    kid: string
    alg: string
    /** The public one. */
    keyObject(): KeyObject
    /** The signature as JWS has it. */
    sign(data: Buffer): Promise<Buffer>
  }

  export { Provider as default }

  class OIDCProviderError extends Error {
    readonly error: string
    readonly error_description?: string
    readonly error_detail?: string
    readonly statusCode: number
    readonly expose: boolean
  }
  export const errors: {
    readonly OIDCProviderError: typeof OIDCProviderError
    readonly InvalidClientAuth: new (detail: string) => OIDCProviderError
    readonly InvalidClientMetadata: new (description: string) => OIDCProviderError
    readonly InvalidGrant: new (detail: string) => OIDCProviderError
    readonly InvalidRedirectUri: new () => OIDCProviderError
    readonly InvalidRequest: new (description: string) => OIDCProviderError
    readonly InvalidRequestObject: new (description: string) => OIDCProviderError
    readonly InvalidScope: new (description: string, scope: string) => OIDCProviderError
    readonly InvalidToken: new (detail: string) => OIDCProviderError
    readonly LoginRequired: new (description: string) => OIDCProviderError
    readonly SessionNotFound: new (description: string) => OIDCProviderError
    readonly UnmetAuthenticationRequirements: new (description: string) => OIDCProviderError
  }

  interface Checks extends Array<Check> {
    clear(): void
    remove(reason: string): void
    add(check: Check): void
  }
  class Check {
    constructor(reason: string, description: string, error: string, check: (ctx: Context) => Promise<boolean> | boolean)
    readonly reason: string
  }
  class Prompt {
    constructor(info: { name: string; requestable: boolean }, ...checks: Check[])
    readonly checks: Checks
  }
  export const interactionPolicy: {
    readonly Check: typeof Check
    readonly Prompt: typeof Prompt
  }
}
