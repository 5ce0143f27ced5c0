import type { App } from '../platform/index.ts'
import { ownParty } from './own-party.ts'
import type { AccountParts } from './parts.ts'

/** Logging out, as at an agency: the gateway session ends, and the agencies that it led to are told. */
export function mountLeave(parts: AccountParts, app: App): void {
  const config = { formTargets: 'agencies' } as const
  app.post('/account/leave', { config }, async (request, reply) => {
    const left = await parts.login.leave(request.visit, reply, ownParty.id)
    const then = '/account/left'
    return reply.redirect(left ? await parts.farewell(left, reply.ensureBrowser(), then) : then, 303)
  })
  app.get('/account/left', (_request, reply) => reply.page('account/views/left.njk'))
}
