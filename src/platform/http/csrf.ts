import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Digest } from '../envelope.ts'

/** The form field, or the header of a script, that carries the token. */
export const csrfField = '_csrf'
const csrfHeader = 'x-csrf-token'
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The token of a browser: nothing is kept, and another browser's token is of no use. */
export const csrfToken = (digest: Digest, browser: string): string => digest('csrf', browser)

/**
 * Whether a request that changes something was sent by a page of ours in this browser: where it says where it comes
 * from (Fetch Metadata, Origin) it must be here, and it must bring the browser's token.
 * Takes the token out of the form, so that a schema need not name it.
 */
export function isForged(digest: Digest, request: FastifyRequest): boolean {
  if (safeMethods.has(request.method) || request.is404 || request.routeOptions.config.csrf === false) return false
  const token = takeToken(request)
  return !comesFromHere(request) || !tokenFits(digest, token, request.visit.browser)
}

function takeToken(request: FastifyRequest): unknown {
  const body = request.body
  if (typeof body === 'object' && body !== null && csrfField in body) {
    const token = body[csrfField]
    delete body[csrfField]
    return token
  }
  return request.headers[csrfHeader]
}

function comesFromHere(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const origin = request.headers.origin
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === request.host)
}

function tokenFits(digest: Digest, token: unknown, browser: string | undefined): boolean {
  if (typeof token !== 'string' || browser === undefined) return false
  const expected = Buffer.from(csrfToken(digest, browser))
  const given = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
