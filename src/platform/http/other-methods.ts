import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from './reply.ts'

type Routes = Pick<FastifyInstance, 'supportedMethods' | 'hasRoute' | 'route'>

/**
 * Programs ask these addresses, so a method that none of them has is a problem+json with `Allow` (RFC 9110, 15.5.6), no
 * page. To be called when their routes are added.
 */
export function refuseOtherMethods(app: Routes, ...addresses: readonly string[]): void {
  for (const url of addresses) {
    const method = app.supportedMethods.filter((method) => !app.hasRoute({ method, url }))
    const allowed = app.supportedMethods.filter((one) => !method.includes(one)).sort()
    const refuse = async (_request: FastifyRequest, reply: FastifyReply) => {
      void reply.header('allow', allowed.join(', '))
      const detail = `${url} is asked by ${allowed.join(' or ')}.`
      return sendProblem(reply, { status: 405, title: 'Method not allowed', detail })
    }
    // Before its body is read: whatever that is, the method is what is wrong.
    app.route({ method, url, config: { csrf: false, api: true }, onRequest: refuse, handler: refuse })
  }
}
