import { appendFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import t from 'tap'
import { oidcAgency } from '../support/oidc-agency.ts'
import { identityProvider, issuer, by } from './identity-provider.ts'
import { basic, send } from './steps.ts'
t.test('x', async (t) => {
  const idp = await identityProvider(t, { driver: 'redis' })
  const agency = await oidcAgency(idp, issuer)
  const one = async () => {
    const browser = idp.browser()
    const url = new URL('/oidc/authorize', issuer)
    const verifier = 'x'.repeat(43)
    url.search = new URLSearchParams({ client_id: agency.id, response_type: 'code', scope: 'openid profile document', redirect_uri: agency.callback, state: 'abc', nonce: 'def', code_challenge: 'VqKuvgo-Bbo4DgBRqhRm9D4aOwOm8jvXNGUT8K-WYDs', code_challenge_method: 'S256' }).toString()
    const t0 = performance.now()
    const a = await browser.get(url)
    const t1 = performance.now()
    if (!a.location?.pathname.startsWith('/oidc/')) throw new Error(String(a.location) + a.body.slice(0, 300))
    const b = await browser.get(a.location)
    const t2 = performance.now()
    const code = b.location!.searchParams.get('code')!
    const c = await send(idp, '/oidc/token', { grant_type: 'authorization_code', code, redirect_uri: agency.callback, code_verifier: verifier }, basic(agency))
    const t3 = performance.now()
    void c
    return [t1 - t0, t2 - t1, t3 - t2]
  }
  for (let i = 0; i < 300; i++) { idp.next(agency.id, by(idp.carmen)); await one() }
  const session = new Session(); session.connect()
  await session.post('Profiler.enable'); await session.post('Profiler.setSamplingInterval', { interval: 200 }); await session.post('Profiler.start')
  const sums = [0, 0, 0]; const n = 1000
  const cpu = process.cpuUsage()
  const s = performance.now()
  for (let i = 0; i < n; i++) { idp.next(agency.id, by(idp.carmen)); (await one()).forEach((v, j) => (sums[j]! += v)) }
  const e = performance.now() - s
  const used = process.cpuUsage(cpu)
  const { profile } = await session.post('Profiler.stop')
  const self = new Map<string, number>()
  const total = profile.samples!.length
  const byId = new Map(profile.nodes.map((x) => [x.id, x]))
  for (const id of profile.samples!) { const { callFrame: f } = byId.get(id)!; const k = `${f.functionName} ${f.url.replace(/.*\/(node_modules|src|test)\//, '$1/')}:${f.lineNumber}`; self.set(k, (self.get(k) ?? 0) + 1) }
  const pkg = new Map<string, number>()
  for (const [k, v] of self) { const p = /node_modules\/((@[^/]+\/)?[^/]+)/.exec(k)?.[1] ?? (/src\/([^/]+)/.exec(k)?.[1] ? 'src/' + /src\/([^/]+)/.exec(k)![1] : k.split(' ')[1]!.startsWith('node:') ? 'node' : k.split(' ')[0]!); pkg.set(p, (pkg.get(p) ?? 0) + v) }
  const top = (m: Map<string, number>, c: number) => [...m].sort((x, y) => y[1] - x[1]).slice(0, c).map(([k, v]) => `${((v / total) * 100).toFixed(1)}% ${k}`).join('\n')
  appendFileSync('/tmp/oidc-profile.txt', `per login ${(e / n).toFixed(2)} ms, cpu ${((used.user + used.system) / 1000 / n).toFixed(2)} ms; authorize/resume/token ${sums.map((x) => (x / n).toFixed(2)).join(' ')}\n${top(pkg, 25)}\n\n${top(self, 45)}\n`)
})
