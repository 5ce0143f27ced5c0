import t from 'tap'
import { httpApp, page } from './http-app.ts'

const nonceOf = (policy: unknown) => /'nonce-([^']+)'/.exec(String(policy))?.[1]

t.test('every answer carries the security headers, errors and unknown addresses too', async (t) => {
  const app = httpApp(t)
  app.get('/broken', () => {
    throw new Error('broken on purpose')
  })
  for (const url of ['/help', '/broken', '/nowhere']) {
    const { headers } = await app.inject({ url, headers: page })
    t.match(headers, {
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
      'permissions-policy': /camera=\(\)/,
    })
    const policy = String(headers['content-security-policy'])
    for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"])
      t.ok(policy.includes(rule), `${url}: ${rule}`)
    t.notMatch(policy, /unsafe|\*/)
  }
})

t.test('the nonce of the policy is the one of the page, and another for each answer', async (t) => {
  const app = httpApp(t)
  const [one, other] = [await app.inject({ url: '/help' }), await app.inject({ url: '/help' })]
  const nonce = nonceOf(one.headers['content-security-policy'])
  t.ok(nonce && nonce.length >= 22)
  t.ok(one.body.includes(`<script type="module" nonce="${nonce}"`))
  t.not(nonce, nonceOf(other.headers['content-security-policy']))
})

t.test('the forms of a login may lead to an agency: over https, over http in the sandbox only', async (t) => {
  const actionOf = async (insecureFormTargets: boolean) => {
    const app = httpApp(t, { insecureFormTargets })
    app.get('/login', { config: { formTargets: 'agencies' } }, (_request, reply) =>
      reply.page('platform/views/help.njk'),
    )
    const { headers } = await app.inject({ url: '/login' })
    return /form-action ([^;]+)/.exec(String(headers['content-security-policy']))?.[1]
  }
  t.equal(await actionOf(false), "'self' https:")
  t.equal(await actionOf(true), "'self' https: http:")
})

t.test('HSTS is sent with TLS only', async (t) => {
  const hsts = async (secure: boolean) =>
    (await httpApp(t, { secure }).inject({ url: '/help' })).headers['strict-transport-security']
  t.match(await hsts(true), /max-age=\d{8}/)
  t.equal(await hsts(false), undefined)
})

t.test('no page holds an inline handler, an inline style or a script of another host', async (t) => {
  const app = httpApp(t)
  for (const url of ['/help', '/accessibility', '/privacy', '/nowhere']) {
    const { body } = await app.inject({ url, headers: page })
    t.notMatch(body, /\son\w+=|\sstyle=|<style|javascript:|(src|href)="(https?:)?\/\//, url)
  }
})
