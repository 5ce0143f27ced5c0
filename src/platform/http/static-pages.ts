import type { App } from './http.ts'
import type { CookieNames } from './visit.ts'

/** What every public service owes its readers: how to go on, how accessible it is, what it keeps. */
export function serveStaticPages(app: App, names: CookieNames): void {
  const cookies = [
    { kind: 'browser', name: names.browser },
    { kind: 'session', name: names.session },
    { kind: 'language', name: names.language },
    // oidc-provider's own, several of them.
    { kind: 'transaction' },
  ]
  app.get('/help', (_request, reply) => reply.page('platform/views/help.njk'))
  app.get('/accessibility', (_request, reply) => reply.page('platform/views/accessibility.njk'))
  app.get('/privacy', (_request, reply) => reply.page('platform/views/privacy.njk', { cookies }))
}
