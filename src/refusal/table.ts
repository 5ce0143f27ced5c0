/** How one refusal is said, whoever hears it. */
export interface RefusalRow {
  /** HTTP status of the page or of the problem+json. */
  readonly http: number
  /**
   * `agency`: ends the login; the agency gets the protocol error (after a page where the citizen has something to learn).
   * `page`: nobody can be answered safely or the login goes on; a page explains.
   */
  readonly ends: 'agency' | 'page'
  readonly oidc: { readonly error: string; readonly description: string }
  readonly saml: { readonly status: 'Requester' | 'Responder'; readonly sub: string; readonly message: string }
  /** For the operator and for docs/errors.md: the cause, in English, one sentence. */
  readonly cause: string
  /** For the integrator: what to mend or to expect, in English, one sentence. */
  readonly remedy: string
}

const denied = (message: string, description: string) => ({
  oidc: { error: 'access_denied', description },
  saml: { status: 'Responder', sub: 'AuthnFailed', message: `003002 - ${message}` } as const,
})
const unmet = (message: string, description: string) => ({
  oidc: { error: 'unmet_authentication_requirements', description },
  saml: { status: 'Responder', sub: 'NoAuthnContext', message: `003007 - ${message}` } as const,
})

/**
 * Every refusal there is. The texts for citizens are in locales/<language>/refusal.json under the same code
 * (title, body, remedy).
 */
export const refusals = {
  'LOGIN-01-cancelled': {
    http: 200,
    ends: 'agency',
    ...denied('Authentication cancelled by the citizen', 'The citizen cancelled the login.'),
    cause: 'The citizen chose to go back to the agency.',
    remedy: 'Offer the login again; it is not a fault.',
  },
  'LOGIN-02-expired': {
    http: 410,
    ends: 'agency',
    ...denied('The login expired', 'The login was not finished in time.'),
    cause: 'The login was not finished within its lifetime.',
    remedy: 'Offer the login again.',
  },
  'LOGIN-03-other-browser': {
    http: 403,
    ends: 'page',
    ...denied('The login belongs to another browser', 'The login was begun in another browser.'),
    cause: 'A page of a login was opened in a browser that did not begin it.',
    remedy: 'Begin the login again in this browser.',
  },
  'LOGIN-04-unknown': {
    http: 404,
    ends: 'page',
    ...denied('No such login', 'There is no such login, or it ended long ago.'),
    cause: 'The address names no login that is alive: an old bookmark, or a login already answered.',
    remedy: 'Begin again at the agency.',
  },
  'LOGIN-05-page-needed': {
    http: 401,
    ends: 'agency',
    oidc: { error: 'login_required', description: 'The citizen has to identify and the request allows no page.' },
    saml: {
      status: 'Responder',
      sub: 'NoPassive',
      message: '003002 - The citizen has to identify and the request is passive',
    },
    cause: 'A passive request (prompt=none, IsPassive) where no session satisfies it.',
    remedy: 'Send the request without prompt=none (IsPassive="false").',
  },
  'LOGIN-06-no-method': {
    http: 403,
    ends: 'agency',
    ...unmet(
      'No method left that reaches the level asked',
      'No method that the request allows reaches the level asked.',
    ),
    cause: 'The agency switched off, or the level excludes, every method there is.',
    remedy: 'Ask for a lower level or exclude fewer methods.',
  },
  'LOGIN-07-other-citizen': {
    http: 403,
    ends: 'agency',
    oidc: { error: 'login_required', description: 'The citizen of the id_token_hint is not the one who identified.' },
    saml: { status: 'Responder', sub: 'AuthnFailed', message: '003002 - Another citizen identified' },
    cause: 'The request names a citizen (id_token_hint) and another one identified.',
    remedy: 'End your own session before asking for another citizen.',
  },
  'LEVEL-01-registration-too-low': {
    http: 403,
    ends: 'agency',
    ...unmet(
      'The registration of the citizen does not reach the level asked',
      "The citizen's registration does not reach the level asked.",
    ),
    cause: 'The citizen is registered at basic level and the agency asks for more than it supports.',
    remedy: 'Ask for a lower level where the law allows; the citizen was told how to raise the registration.',
  },
  'LEVEL-02-method-too-low': {
    http: 403,
    ends: 'agency',
    ...unmet('The method used does not reach the level asked', 'The method used does not reach the level asked.'),
    cause: 'The citizen identified with a method that stays below the level asked.',
    remedy: 'Ask for a lower level, or let the citizen choose another method.',
  },
  'CITIZEN-01-not-recognised': {
    http: 422,
    ends: 'page',
    ...denied('Authentication failed', 'The citizen was not recognised.'),
    cause: 'Document and contrast do not belong together, or nobody is known by them.',
    remedy: 'None for the agency: the citizen may try again.',
  },
  'CITIZEN-02-too-many-tries': {
    http: 429,
    ends: 'page',
    ...denied('Too many failed attempts', 'Too many failed attempts; the citizen has to wait.'),
    cause: 'Too many failures for this document from browsers that never completed a login of this citizen.',
    remedy: 'The citizen waits, or uses a browser already used to log in.',
  },
  'CITIZEN-03-not-registered': {
    http: 403,
    ends: 'agency',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'Document and contrast are right, but the person has no registration.',
    remedy: 'The citizen was told how to register.',
  },
  'CITIZEN-04-renounced': {
    http: 403,
    ends: 'agency',
    ...denied('The citizen renounced the registration', 'The citizen gave up the registration in Cl@ve.'),
    cause: 'The person gave up the registration (renuncia).',
    remedy: 'The citizen was told how to register again.',
  },
  'CITIZEN-05-deceased': {
    http: 403,
    ends: 'agency',
    ...denied('Authentication failed', 'The citizen cannot identify.'),
    cause: 'The civil register says that the person died.',
    remedy: 'None.',
  },
  'CITIZEN-06-minor': {
    http: 403,
    ends: 'agency',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'The person is a minor without a registration; minors register in person only.',
    remedy: 'None.',
  },
  'PIN-01-wrong': {
    http: 422,
    ends: 'page',
    ...denied('Authentication failed', 'The PIN was wrong.'),
    cause: 'The PIN typed is not the one sent.',
    remedy: 'None for the agency: the citizen may try again.',
  },
  'PIN-02-dead': {
    http: 422,
    ends: 'page',
    ...denied('Authentication failed', 'The PIN expired or was typed wrong too often.'),
    cause: 'The PIN expired, was used, or was killed by wrong tries.',
    remedy: 'None for the agency: the citizen may ask for another.',
  },
  'PIN-03-too-many': {
    http: 429,
    ends: 'page',
    ...denied('Too many PINs asked', 'Too many PINs were asked for.'),
    cause: 'More PINs asked within an hour than one citizen may have.',
    remedy: 'The citizen waits or uses another method.',
  },
  'PIN-04-no-phone': {
    http: 403,
    ends: 'agency',
    ...denied('No mobile phone on record', 'The citizen has no mobile phone on record.'),
    cause: 'The registration has no mobile phone.',
    remedy: 'None.',
  },
  'PERMANENTE-01-wrong': {
    http: 422,
    ends: 'page',
    ...denied('Authentication failed', 'Document or password was wrong.'),
    cause: 'Document and password do not belong together.',
    remedy: 'None for the agency: the citizen may try again.',
  },
  'PERMANENTE-02-blocked': {
    http: 403,
    ends: 'agency',
    ...denied('Cl@ve Permanente is blocked', 'The password is blocked.'),
    cause: 'The password was blocked after repeated failures.',
    remedy: 'The citizen sets a new password or uses another method.',
  },
  'PERMANENTE-03-expired': {
    http: 403,
    ends: 'agency',
    ...denied('The password of Cl@ve Permanente expired', 'The password expired.'),
    cause: 'The password is older than its lifetime.',
    remedy: 'The citizen sets a new password or uses another method.',
  },
  'PERMANENTE-04-not-active': {
    http: 403,
    ends: 'agency',
    ...denied('Cl@ve Permanente is not active', 'The citizen has not activated Cl@ve Permanente.'),
    cause: 'The citizen never activated Cl@ve Permanente.',
    remedy: 'None.',
  },
  'CODE-01-wrong': {
    http: 422,
    ends: 'page',
    ...denied('Authentication failed', 'The one-time code was wrong.'),
    cause: 'The one-time code typed is not the one expected.',
    remedy: 'None for the agency: the citizen may try again.',
  },
  'CODE-02-dead': {
    http: 422,
    ends: 'page',
    ...denied('Authentication failed', 'The one-time code expired or was typed wrong too often.'),
    cause: 'The one-time code expired, was used, or was killed by wrong tries.',
    remedy: 'None for the agency: the citizen may ask for another.',
  },
  'CODE-03-too-many': {
    http: 429,
    ends: 'page',
    ...denied('Too many one-time codes asked', 'Too many one-time codes were asked for.'),
    cause: 'More one-time codes asked within an hour than one citizen may have.',
    remedy: 'The citizen waits or uses another method.',
  },
  'BUSY-01-try-again': {
    http: 503,
    ends: 'page',
    oidc: { error: 'temporarily_unavailable', description: 'The service is busy; try again.' },
    saml: { status: 'Responder', sub: 'AuthnFailed', message: '203001 - The service is busy; try again' },
    cause: 'The queue of password checks was full or its deadline passed.',
    remedy: 'Try again; if it lasts, tell the operator.',
  },
} as const satisfies Record<string, RefusalRow>

export type RefusalCode = keyof typeof refusals
export const refusalRow = (code: RefusalCode): RefusalRow => refusals[code]
