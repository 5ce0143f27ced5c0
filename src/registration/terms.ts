/**
 * The version of the conditions that citizens accept, as the audit keeps it. A change of `register:terms` in any locale is
 * a new version.
 */
export const termsVersion = '2026-11-21'
