export interface HeaderOptions {
  /** TLS stands before this server: HSTS is sent. Never in the sandbox, where localhost would be locked out of http. */
  readonly secure: boolean
  /** Agencies may have http return addresses (sandbox only). */
  readonly insecureFormTargets: boolean
}

/** Where the forms of a page may lead, through every redirect that follows (Chromium checks the whole chain). */
export type FormTargets = 'self' | 'agencies'

const policy =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; "

const permissions = 'geolocation=(), display-capture=(), payment=(), usb=(), browsing-topics=()'
/** Of the pages that scan a QR. */
export const cameraPermissions = `camera=(self), microphone=(), ${permissions}`

/** Headers that are the same for every answer. */
export function fixedHeaders(options: HeaderOptions): Record<string, string> {
  return {
    'x-content-type-options': 'nosniff',
    // Not no-referrer: with that, browsers send `Origin: null` with our own forms, and the CSRF check loses a witness.
    'referrer-policy': 'same-origin',
    'permissions-policy': `camera=(), microphone=(), ${permissions}`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    ...(options.secure ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}),
  }
}

/** Content-Security-Policy of one answer: the nonce is drawn afresh for each. */
export function contentPolicy(options: HeaderOptions): (nonce: string, targets: FormTargets) => string {
  const formAction = {
    self: "form-action 'self'",
    agencies: options.insecureFormTargets ? "form-action 'self' https: http:" : "form-action 'self' https:",
  }
  return (nonce, targets) => `${policy}script-src 'nonce-${nonce}'; ${formAction[targets]}`
}
