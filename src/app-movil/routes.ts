import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../platform/index.ts'
import { isRefusal } from '../refusal/index.ts'
import { describeApi } from './openapi.ts'
import { apiBase, endpoints } from './endpoints.ts'
import type { Answer, Endpoint } from './endpoint.ts'
import type { AppMovilParts } from './parts.ts'
import { admitPhone, callerOf, takeOctets } from './signed-calls.ts'

const config = { api: true, csrf: false } as const

/** Mounts the app's interface (`endpoints`) and its description. */
export function mountApi(parts: AppMovilParts, app: App): void {
  const described = JSON.stringify(describeApi(parts.baseUrl))
  app.register((scope, _options, done) => {
    takeOctets(scope)
    for (const one of endpoints) mount(parts, scope, one)
    scope.get(`${apiBase}/openapi.json`, { config, exposeHeadRoute: false }, (_request, reply) =>
      reply.type('application/json').send(described),
    )
    scope.all(`${apiBase}/*`, { config }, ({ locale }, reply) => {
      const t = parts.i18n.translator(locale)
      const detail = t('platform:error.notFound.body')
      return reply.problem({ status: 404, title: t('platform:error.notFound.title'), detail })
    })
    done()
  })
}

function mount(parts: AppMovilParts, scope: FastifyInstance, one: Endpoint): void {
  scope.route({
    method: one.method,
    url: `${apiBase}${one.path}`,
    config,
    // A HEAD of a stream would open it.
    exposeHeadRoute: false,
    ...(one.body && { schema: { body: one.body } }),
    // Before the body is compared with its schema: who calls is seen first.
    ...(one.signed && { preValidation: admitPhone(parts) }),
    handler: async (request, reply) => say(parts, request, reply, await answerOf(parts, one, request, reply)),
  })
}

function answerOf(parts: AppMovilParts, one: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
  const turn = { parts, caller: callerOf(request), body: request.body, request, reply }
  if (!one.signed) return one.answer({ ...turn, body: request.body })
  const { phoneCall: call } = request
  if (!call) throw new Error(`app-movil: nobody signed ${one.method} ${one.path}`)
  return one.answer({ ...turn, body: request.body, call })
}

function say({ i18n }: AppMovilParts, { locale }: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer === 'answered') return reply
  if (isRefusal(answer)) return reply.refuse(answer)
  if ('field' in answer) {
    const t = i18n.translator(locale)
    const { field, detail = t('platform:error.badRequest.body') } = answer
    return reply.problem({ status: 422, title: t('platform:error.badRequest.title'), detail, field })
  }
  return answer.status === 204 ? reply.code(204).send() : reply.code(answer.status).send(answer.body)
}
