import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { refuseOtherMethods, type App } from '../platform/index.ts'
import { isRefusal, refusal } from '../refusal/index.ts'
import { refuseMessage } from './answers.ts'
import { makeDocuments } from './documents.ts'
import { passLogout } from './leave-door.ts'
import { takeLoginRequest } from './login-door.ts'
import { takeClaveLogout } from './logout-door.ts'
import type { SamlParts } from './parts.ts'
import { doors, loginPath, logoutPath } from './paths.ts'
import { fromAddress, fromForm } from './receive.ts'
import { passLogin } from './resume-door.ts'
import { takeLogoutMessage } from './slo-door.ts'

/** Octets of a form: a message of the longest allowed, percent-encoded, and what stands beside it. */
const bodyLimit = 512 * 1024

/** Agencies' pages post here; what the answer posts leads to agencies. A HEAD would use a message up that nobody sees answered. */
const doorOf = (parts: SamlParts) =>
  ({
    bodyLimit,
    exposeHeadRoute: false,
    config: { csrf: false, formTargets: 'agencies' },
    errorHandler: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      const reason = unreadable[error.statusCode ?? 500]
      if (reason === undefined) throw error
      return refuseMessage(parts, request, reply, refusal('SAML-01-not-a-message', { reason }))
    },
  }) as const

/** What is wrong with a body that no form could be read from, by the status that it has elsewhere. */
const unreadable: Readonly<Record<number, string>> = {
  400: 'The form cannot be read.',
  413: `The form is larger than ${bodyLimit / 1024} KiB.`,
  415: 'The form has to be sent as application/x-www-form-urlencoded.',
}
// A HEAD would begin or answer a login for a browser that never sees it.
const page = { config: { formTargets: 'agencies' }, exposeHeadRoute: false } as const

const claveFields = {
  SAMLRequest: 'AuthnRequest',
  logoutRequest: 'LogoutRequest',
  samlRequestLogout: 'LogoutRequest',
} as const
const ssoFields = { SAMLRequest: 'AuthnRequest' } as const
const sloFields = { SAMLRequest: 'LogoutRequest', SAMLResponse: 'LogoutResponse' } as const

/** Mounts the doors of both faces, the pages behind them, and what peers read of us. */
export function mountSaml(app: App, parts: SamlParts): void {
  const door = doorOf(parts)
  app.post(doors.clave, door, (request, reply) => {
    const arrived = fromForm(request, claveFields, 'clave')
    if (!isRefusal(arrived) && arrived.received.kind === 'LogoutRequest')
      return takeClaveLogout(parts, arrived, request, reply)
    return takeLoginRequest(parts, 'clave', arrived, request, reply)
  })
  app.get(doors.clave, door, (request, reply) =>
    takeLoginRequest(parts, 'clave', fromAddress(request, ['AuthnRequest'], 'clave'), request, reply),
  )
  app.post(doors.sso, door, (request, reply) =>
    takeLoginRequest(parts, 'standard', fromForm(request, ssoFields, 'standard'), request, reply),
  )
  app.get(doors.sso, door, (request, reply) =>
    takeLoginRequest(parts, 'standard', fromAddress(request, ['AuthnRequest'], 'standard'), request, reply),
  )
  app.post(doors.slo, door, (request, reply) =>
    takeLogoutMessage(parts, fromForm(request, sloFields, 'standard'), request, reply),
  )
  app.get(doors.slo, door, (request, reply) =>
    takeLogoutMessage(parts, fromAddress(request, ['LogoutRequest', 'LogoutResponse'], 'standard'), request, reply),
  )
  mountPages(app, parts)
  mountDocuments(app, parts)
}

function mountPages(app: App, parts: SamlParts): void {
  const params = Type.Object({ id: Type.String() })
  app.get(loginPath(':id'), { ...page, schema: { params } }, (request, reply) =>
    passLogin(parts, request.params.id, request, reply),
  )
  app.get(logoutPath(':id'), { ...page, schema: { params } }, (request, reply) =>
    passLogout(parts, request.params.id, request, reply),
  )
}

/** Documents for everyone: they may be kept a while, since a new key is published long before it signs. */
function mountDocuments(app: App, parts: SamlParts): void {
  const documents = makeDocuments(parts)
  const config = { config: { csrf: false, api: true } } as const
  const headers = { 'cache-control': 'public, max-age=300', 'cross-origin-resource-policy': 'cross-origin' }
  app.get(doors.metadata, config, (_request, reply) =>
    reply.headers(headers).type('application/samlmetadata+xml').send(documents.metadata()),
  )
  app.get(doors.certificates, config, (_request, reply) =>
    reply.headers(headers).type('application/xml; charset=utf-8').send(documents.certificates()),
  )
  refuseOtherMethods(app, doors.metadata, doors.certificates)
}
