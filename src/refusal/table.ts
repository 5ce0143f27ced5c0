/** How one refusal is said, whoever hears it. */
export interface RefusalRow {
  /** HTTP status of the page or of the problem+json. */
  readonly http: number
  /**
   * `agency`: ends the login; the agency gets the protocol error (after a page where the citizen has something to learn).
   * `page`: nobody can be answered safely or the login goes on; a page explains.
   * SAML messages at fault are answered to the agency only where its signature and return address are certain.
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

/** What only a SAML message can have wrong; OIDC has no word for it because it never meets it. */
const samlOnly = (sub: string, message: string) => ({
  oidc: { error: 'invalid_request', description: message.slice(message.indexOf('- ') + 2) },
  saml: { status: 'Requester', sub, message } as const,
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
  'CITIZEN-07-method-blocked': {
    http: 403,
    ends: 'agency',
    ...denied('The citizen blocked this method', 'The citizen blocked this method for themselves.'),
    cause: 'The citizen blocked the method in Mi Cl@ve.',
    remedy: 'None for the agency: the citizen uses another method, or lifts the block.',
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
  'MOVIL-01-gone': {
    http: 410,
    ends: 'page',
    ...denied('The request in the app is over', 'The request in the app is over.'),
    cause: 'The request was decided, expired, was cancelled, or is asked of another phone.',
    remedy: 'None for the agency: the citizen may try again.',
  },
  'MOVIL-02-not-genuine': {
    http: 422,
    ends: 'page',
    ...denied('The answer of the app was not accepted', 'The answer of the app was not accepted.'),
    cause: 'What a phone signed does not fit the request: another key, agency, level, code, nonce or time.',
    remedy: 'None for the agency. Whoever writes an app compares with the description of its interface.',
  },
  'MOVIL-03-wrong-code': {
    http: 422,
    ends: 'page',
    ...denied('Wrong code in the app', 'The code typed in the app was wrong.'),
    cause: 'The code typed in the app is not the one on the waiting page.',
    remedy: 'None for the agency: the citizen may try again.',
  },
  'MOVIL-04-unlock-needed': {
    http: 403,
    ends: 'page',
    ...denied('The unlock of the phone was not proven', 'The phone did not prove its own unlock.'),
    cause: 'The agency asks for more than a phone reaches without the proof of its unlock.',
    remedy: 'None for the agency: the citizen unlocks the phone, or uses another method.',
  },
  'MOVIL-05-denied': {
    http: 403,
    ends: 'agency',
    ...denied('The citizen denied it in the app', 'The citizen denied the login in the app.'),
    cause: 'The citizen denied the request in the app.',
    remedy: 'Offer to begin again.',
  },
  'MOVIL-06-qr-old': {
    http: 410,
    ends: 'page',
    ...denied('The QR is not valid any more', 'The QR is not valid any more.'),
    cause: 'What was scanned is no QR of this service, or it was renewed since.',
    remedy: 'None for the agency: the citizen may try again.',
  },
  'MOVIL-07-taken': {
    http: 409,
    ends: 'page',
    ...denied('Another phone has the request', 'Another phone has the request.'),
    cause: 'Another phone scanned the QR first.',
    remedy: 'None for the agency: the citizen may try again.',
  },
  'MOVIL-08-too-many': {
    http: 429,
    ends: 'page',
    ...denied('Too many requests to the app', 'Too many requests to the app.'),
    cause: 'The citizen was sent as many requests to the app as there may be in ten minutes.',
    remedy: 'None for the agency: the citizen scans the QR, waits, or uses another method.',
  },
  'MOVIL-09-reported': {
    http: 403,
    ends: 'agency',
    ...denied('The citizen reported the login', 'The citizen reported that the login is not theirs.'),
    cause: 'The citizen denied the request in the app and said that it was not theirs.',
    remedy: 'Treat the attempt as made by somebody else.',
  },
  'MOVIL-10-device-unknown': {
    http: 401,
    ends: 'page',
    ...denied('The phone is not activated', 'The phone is not activated.'),
    cause: 'The device has ended, was never activated, or what it signed is not right.',
    remedy: 'None for the agency: the citizen activates the app again.',
  },
  'MOVIL-11-expired': {
    http: 410,
    ends: 'page',
    ...denied('The request expired', 'The request expired.'),
    cause: 'Nothing was confirmed in the app in time.',
    remedy: 'None for the agency: the citizen may try again.',
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
  'SAML-01-not-a-message': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '200006 - The SAML message is missing or invalid'),
    cause: 'No SAML message came, or it is too large, badly encoded or not well-formed.',
    remedy: 'Send base64 of well-formed UTF-8 XML in the field of the binding; the detail says what was found.',
  },
  'SAML-02-doctype': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '203013 - DOCTYPE, comments and processing instructions are not permitted'),
    cause: 'The message holds a document type, an entity, a comment or a processing instruction.',
    remedy: 'Serialise the message without them.',
  },
  'SAML-03-schema': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '203007 - The message does not follow the SAML schema'),
    cause:
      'An element or attribute stands where the SAML schema does not allow it, is missing, doubled, or has a malformed value.',
    remedy: 'Mend what the detail names; the schema is saml-schema-protocol-2.0.',
  },
  'SAML-04-signature': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '200006 - The signature does not verify'),
    cause:
      'The signature is missing, doubled, misplaced, covers something else than the whole message, or does not verify.',
    remedy: 'Sign the root of the message, enveloped, with one Reference to its ID, after everything else was written.',
  },
  'SAML-05-signature-algorithm': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '203015 - The signature algorithm is not accepted'),
    cause: 'The signature uses SHA-1, HMAC, a short key, or another algorithm or transform that is not accepted.',
    remedy: 'Use RSA with SHA-256 or better (2048 bits or more), RSA-PSS or ECDSA, and exclusive canonicalisation.',
  },
  'SAML-06-digest-algorithm': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '203025 - The digest algorithm is not accepted'),
    cause: 'The digest uses SHA-1 or another algorithm that is not accepted.',
    remedy: 'Use SHA-256, SHA-384 or SHA-512.',
  },
  'SAML-07-certificate': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '203018 - The certificate is not trusted'),
    cause: 'The message was signed with a certificate that is not registered for this provider, or that expired.',
    remedy: 'Register the new certificate before it signs; a registered one that expired counts no more.',
  },
  'SAML-08-unknown-provider': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '200002 - The service provider is unknown'),
    cause: 'Neither ProviderName nor Issuer names a registered relying party.',
    remedy: 'Register the application, or mend ProviderName (the part before the semicolon) or Issuer.',
  },
  'SAML-09-not-allowed': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '200005 - The service provider is not allowed to do this'),
    cause: 'The relying party uses an address or binding that it is not registered for.',
    remedy: 'Send the message to the door and by the binding that the registration names.',
  },
  'SAML-10-return-address': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '200008 - The return address is not registered'),
    cause:
      'AssertionConsumerServiceURL, its index, or the return address of a logout is none that is registered for this relying party.',
    remedy: 'Register the address; it is compared character by character, {session} in its last path segment apart.',
  },
  'SAML-11-relay-state': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '200009 - RelayState is longer than 80 bytes'),
    cause: 'RelayState is longer than the 80 bytes that SAML allows, or stands there twice.',
    remedy: 'Keep state on your side and send a reference to it.',
  },
  'SAML-12-attributes': {
    http: 400,
    ends: 'agency',
    ...samlOnly('InvalidAttrNameOrValue', '200011 - The list of requested attributes is invalid'),
    cause: 'A requested attribute is doubled, holds more values than one, or the list is too long.',
    remedy: 'Name each attribute once; only RelayState carries a value.',
  },
  'SAML-13-level': {
    http: 400,
    ends: 'agency',
    ...samlOnly('NoAuthnContext', '000009 - The level asked does not exist'),
    cause: 'RequestedAuthnContext names no level of assurance of eIDAS.',
    remedy: 'Ask for http://eidas.europa.eu/LoA/low, substantial or high.',
  },
  'SAML-14-level-below-least': {
    http: 400,
    ends: 'agency',
    ...samlOnly('NoAuthnContext', '003007 - The level asked cannot be answered to this service provider'),
    cause: 'None of the levels that the request takes is one that this relying party may be answered with.',
    remedy: 'Ask for the least level of your registration or higher, with Comparison="minimum".',
  },
  'SAML-15-name-id-format': {
    http: 400,
    ends: 'agency',
    ...samlOnly('InvalidNameIDPolicy', '202022 - The NameID format is not supported'),
    cause:
      'NameIDPolicy asks for a format other than persistent, transient or unspecified, or for the names of another provider.',
    remedy: 'Ask for a format that the metadata name, or leave NameIDPolicy out.',
  },
  'SAML-16-sp-type': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '000010 - SPType is invalid'),
    cause: 'eidas:SPType is neither public nor private.',
    remedy: 'Send public, or leave it out.',
  },
  'SAML-17-destination': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '200006 - Destination is not this address'),
    cause: 'Destination names another address than the one the message came to.',
    remedy: 'Put the address that the message is sent to into Destination.',
  },
  'SAML-18-time': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '200006 - IssueInstant is too far from now'),
    cause: 'IssueInstant is more than five minutes old or ahead, or NotOnOrAfter has passed.',
    remedy: 'Set the clock of your server by NTP; send UTC; let nobody wait on the page before the message is sent.',
  },
  'SAML-19-replayed': {
    http: 400,
    ends: 'agency',
    ...samlOnly('RequestDenied', '203012 - The message was already used'),
    cause: 'A message with this ID came before.',
    remedy: 'Make a new ID for each message; a page reloaded in the browser sends the old one again.',
  },
  'REGISTER-01-document-expired': {
    http: 403,
    ends: 'agency',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'The document of the person is past its validity date.',
    remedy: 'The person renews the document and registers then.',
  },
  'REGISTER-02-minor': {
    http: 403,
    ends: 'agency',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'The person is a minor; minors register in person only.',
    remedy: 'The person registers at an office, with a parent or guardian.',
  },
  'REGISTER-03-deceased': {
    http: 403,
    ends: 'agency',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'The civil register says that the person died.',
    remedy: 'None.',
  },
  'REGISTER-04-already-registered': {
    http: 409,
    ends: 'agency',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'The person has a registration already: there is one for each document.',
    remedy: 'None: the person may log in.',
  },
  'REGISTER-05-renounced': {
    http: 403,
    ends: 'agency',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'The person gave a registration up (renuncia) and may come back with a certificate or in person only.',
    remedy: 'The person was told how to register again.',
  },
  'REGISTER-06-register-silent': {
    http: 503,
    ends: 'page',
    oidc: { error: 'temporarily_unavailable', description: 'The service is busy; try again.' },
    saml: { status: 'Responder', sub: 'AuthnFailed', message: '203001 - The service is busy; try again' },
    cause: 'The civil register did not answer in time.',
    remedy: 'Try again; if it lasts, tell the operator.',
  },
  'REGISTER-07-no-domicile': {
    http: 403,
    ends: 'page',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'No tax domicile is on record, so no letter can go anywhere.',
    remedy: 'The person declares a domicile to the Tax Agency, or registers another way.',
  },
  'REGISTER-08-too-many-letters': {
    http: 429,
    ends: 'page',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'The person asked for as many letters in a quarter as there may be.',
    remedy: 'The person waits, or registers another way.',
  },
  'REGISTER-09-csv-wrong': {
    http: 422,
    ends: 'page',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'The CSV typed is not the one of the letter.',
    remedy: 'None for the agency: the person may try again.',
  },
  'REGISTER-10-no-letter': {
    http: 422,
    ends: 'page',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'The person has no letter alive: none was made, or it expired, was used, replaced or killed by wrong CSVs.',
    remedy: 'The person asks for another letter.',
  },
  'REGISTER-11-iban-wrong': {
    http: 422,
    ends: 'page',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'The IBAN typed is not the one that is known of the person.',
    remedy: 'None for the agency: the person may try again.',
  },
  'REGISTER-12-other-was-faster': {
    http: 409,
    ends: 'agency',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'Another browser used the letter, or registered the person, while this one was on the way.',
    remedy: 'None: if it was not the person, the operator is told.',
  },
  'REGISTER-13-expired': {
    http: 410,
    ends: 'page',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'The registration was not finished within its lifetime, or was not begun in this browser.',
    remedy: 'The person begins again.',
  },
  'REGISTER-14-another-begun': {
    http: 409,
    ends: 'page',
    ...denied('The citizen is not registered', 'The citizen is not registered in Cl@ve.'),
    cause: 'Another registration was begun in this browser meanwhile, which the form does not belong to.',
    remedy: 'The person begins again.',
  },
  'ACCOUNT-01-receipt-gone': {
    http: 410,
    ends: 'page',
    ...denied('No such receipt', 'The receipt is not kept any more.'),
    cause: 'A receipt of Mi Cl@ve was asked for too late, in another browser, or for the second time.',
    remedy: 'None for the agency: the citizen makes another activation code; a renuncia is told by e-mail as well.',
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
