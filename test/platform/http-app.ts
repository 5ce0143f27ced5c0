import { createHmac } from 'node:crypto'
import type { Test } from 'tap'
import { loadI18n } from '../../src/platform/i18n.ts'
import { makeHttp, type App, type HttpParts } from '../../src/platform/http/http.ts'
import { systemRandom } from '../../src/platform/random.ts'
import { refusalRow, type RefusalCode } from '../../src/refusal/index.ts'
import { quietLog } from '../support/log.ts'

export const digest = (...parts: readonly string[]) =>
  createHmac('sha256', 'test').update(parts.join('\0')).digest('base64url')

/** The pages' server without any room, closed with the test. */
export function httpApp(t: Test, parts: Partial<HttpParts> = {}): App {
  const app = makeHttp({
    i18n: loadI18n({ strict: true }),
    random: systemRandom,
    digest,
    refusalStatus: (code) => refusalRow(code as RefusalCode).http,
    secure: false,
    log: quietLog(t, () => []),
    ...parts,
  })
  t.teardown(() => app.close())
  return app
}

export const page = { accept: 'text/html' }
export const form = { ...page, 'content-type': 'application/x-www-form-urlencoded' }

/** The cookies an answer sets, by name, with their attributes. */
export function cookiesOf(answer: { headers: Record<string, unknown> }): Record<string, string> {
  const list = [answer.headers['set-cookie'] ?? []].flat() as string[]
  return Object.fromEntries(list.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]))
}
