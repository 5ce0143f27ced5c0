import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerCall, type PhoneCall, type PhoneCaller } from '../authentication/index.ts'
import { isRefusal, refusal } from '../refusal/index.ts'
import type { AppMovilParts } from './parts.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, where it was JSON for the app's interface: its signature is over that. */
    octets: string
    /** Who signed this call. */
    phoneCall: PhoneCall | undefined
  }
}

/** Octets that the body of a call has at most. */
const largest = 16 * 1024

/** JSON and nothing else, kept as it came beside what it says. */
export function takeOctets(scope: FastifyInstance): void {
  scope.decorateRequest('octets', '')
  scope.decorateRequest('phoneCall', undefined)
  scope.removeAllContentTypeParsers()
  const parse = scope.getDefaultJsonParser('error', 'error')
  scope.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string', bodyLimit: largest },
    (request, body, done) => {
      request.octets = body
      void parse(request, body, done)
    },
  )
}

export const callerOf = ({ visit, locale }: FastifyRequest): PhoneCaller => ({ address: visit.address, locale })

/**
 * Before anything of a call is looked at: who signed it. Wrong ones are held the longer the more there were from their
 * network; right ones never are: a signature cannot be guessed, and thousands of phones may share the address of one
 * mobile network with whoever sends wrong ones.
 */
export const admitPhone = (parts: AppMovilParts) => async (request: FastifyRequest, reply: FastifyReply) => {
  const caller = callerOf(request)
  const [, word] = /^Clave-Movil ([\w.-]+)$/.exec(request.headers.authorization ?? '') ?? []
  const { method, url: path, octets: body } = request
  const call = word === undefined ? unknown : await answerCall(parts, { word, method, path, body }, caller)
  if (!isRefusal(call)) {
    request.phoneCall = call
    return
  }
  await parts.slowDown.check(caller.address)
  await parts.slowDown.failed(caller.address)
  return reply.header('www-authenticate', 'Clave-Movil').refuse(call)
}

const unknown = refusal('MOVIL-10-device-unknown')
