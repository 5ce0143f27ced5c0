import type { FastifyRequest } from 'fastify'

// PostgreSQL's text holds no U+0000, Redis's does: without this the two stores would answer differently, one with a 500.
// Nobody's form and no address of ours has one.

export const hasNulInAddress = ({ raw }: FastifyRequest): boolean => raw.url?.includes('%00') === true

/** In any text of a form or of JSON, at any depth. */
export function holdsNul(body: unknown): boolean {
  if (typeof body === 'string') return body.includes('\0')
  if (typeof body !== 'object' || body === null || body instanceof Uint8Array) return false
  return Object.entries(body).some(([name, value]) => name.includes('\0') || holdsNul(value))
}
