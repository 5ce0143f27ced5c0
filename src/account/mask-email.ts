/** `c···@example.es`: as its owner recognises it and nobody else can use it. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  // Of a name of one letter nothing would be left hidden.
  return `${at > 1 ? email.slice(0, 1) : ''}···${email.slice(Math.max(at, 0))}`
}
