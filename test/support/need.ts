import { accessSync, appendFileSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fromRunner } from './runner.ts'

/** Programs that some tests want and npm cannot bring, and what installs each. */
export const tools = {
  'redis-server': 'apt-get install redis-server',
  xmlsec1: 'apt-get install xmlsec1',
  curl: 'apt-get install curl',
  jq: 'apt-get install jq',
  pdftotext: 'apt-get install poppler-utils',
  // The OASIS and W3C schemas are two packages of their own.
  xmllint: 'apt-get install libxml2-utils opensaml-schemas xmltooling-schemas',
} as const
export type Tool = keyof typeof tools

/**
 * For the option `skip` of a test that wants a program: false where it is there, else the reason, which test/run.ts
 * repeats at the end (and fails for it when CI is set).
 *
 *     t.test('on Redis', { skip: need('redis-server') }, async (t) => …)
 */
export function need(tool: Tool): string | false {
  if (findTool(tool)) return false
  appendFileSync(fromRunner('CLAVE_TEST_MISSING'), `${tool}\n`)
  return `${tool} is not installed (${tools[tool]})`
}

/** The program's path, found as a shell would. */
export function findTool(tool: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, tool)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      continue
    }
  }
  return undefined
}
