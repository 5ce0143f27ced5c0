/** Seconds where nothing else is said; what an installation may set otherwise is in the table of limits (src/lockout/limits.ts). */
export const fixedLimits = {
  /** An ID token says who identified just now; no session of an agency hangs on it. */
  idToken: 10 * 60,
  /** Between the question whether to log out and its answer. */
  logout: 15 * 60,
  /** How far ahead a client's assertion or request object may expire: so long has its jti to be remembered. */
  signedByClient: 60 * 60,
  /** By so much the clocks of agencies may differ from ours. */
  skew: 15,
  /** By so much a DPoP proof may be dated ahead; so much longer is it good than the library has it remembered. */
  proofAhead: 5 * 60,
  /** The longest that these parameters of a request may be, characters. */
  characters: { state: 2048, nonce: 2048, claims: 4096, acr_values: 512, ui_locales: 256, login_hint: 128, scope: 512 },
} as const
