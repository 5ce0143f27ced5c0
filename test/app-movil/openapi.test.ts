import { readFileSync } from 'node:fs'
import t from 'tap'
import { endpoints } from '../../src/app-movil/endpoints.ts'
import { answers, bodies } from '../../src/app-movil/schemas.ts'
import { refusalRow } from '../../src/refusal/index.ts'
import { apiScene, unfit, type ApiScene } from './api-scene.ts'

type Json = Readonly<Record<string, unknown>>
interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly security: readonly Json[]
  readonly requestBody?: { readonly content: Json }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Json }>>
}
interface Document {
  readonly openapi: string
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: Json
}

const read = async (s: ApiScene) => {
  const answer = await s.app.inject({ method: 'GET', url: '/app/api/openapi.json' })
  return { type: answer.headers['content-type'], document: answer.json<Document>() }
}

/** Every schema below this one that has examples. */
function withExamples(schema: unknown): readonly { readonly examples: readonly unknown[] }[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own = 'examples' in schema && Array.isArray(schema.examples) ? [schema as { examples: unknown[] }] : []
  return [...own, ...Object.values(schema).flatMap(withExamples)]
}

t.test('the description has every call that there is, and no other', async (t) => {
  const s = await apiScene(t)
  const { type, document } = await read(s)
  t.match(type, /^application\/json/)
  t.match(document, { openapi: '3.1.0', servers: [{ url: 'https://clave.example' }] })
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const itself = 'GET /app/api/openapi.json'
  t.same([...described, itself].toSorted(), s.routes.toSorted())
  const operations = Object.values(document.paths).flatMap((one) => Object.values(one))
  const ids = operations.map(({ operationId }) => operationId)
  t.equal(new Set(ids).size, ids.length, 'each has a name of its own')
  for (const id of ids) t.match(id, /^[a-zA-Z]+$/)
})

t.test('it says of each call who may make it, and what it may be refused with', async (t) => {
  const s = await apiScene(t)
  const { document } = await read(s)
  for (const { method, path, signed, refused, body } of endpoints) {
    const operation = document.paths[`/app/api${path}`]?.[method.toLowerCase()]
    t.same(operation?.security, signed ? [{ phone: [] }] : [], path)
    t.equal(operation?.requestBody !== undefined, body !== undefined)
    for (const code of [...refused, ...(signed ? ['MOVIL-10-device-unknown' as const] : [])])
      t.match(operation?.responses[refusalRow(code).http]?.description, code)
    for (const [status, { content = {} }] of Object.entries(operation?.responses ?? {}))
      if (Number(status) >= 400 && status !== '503') t.same(Object.keys(content), ['application/problem+json'])
  }
})

t.test('its schemas are those that the server hears by: JSON Schema, and their examples fit', async (t) => {
  const s = await apiScene(t)
  const { document } = await read(s)
  t.notMatch(JSON.stringify(document), /"~|undefined/, 'nothing of the library that wrote them')
  const examples = withExamples(document)
  t.ok(examples.length > 20)
  for (const schema of examples)
    for (const example of schema.examples) t.equal(unfit(schema, example), undefined, JSON.stringify(example))
  for (const [name, schema] of Object.entries({ ...bodies, ...answers }))
    t.equal((schema as { type?: string }).type, 'object', name)
  t.match(document.components, { schemas: { Problem: { type: 'object' } }, securitySchemes: { phone: {} } })
})

t.test('a refusal is a problem as described', async (t) => {
  const s = await apiScene(t)
  const { body } = await s.open('POST', '/activation/code', { activation: 'x'.repeat(43) })
  t.equal(unfit(answers.problem, body), undefined)
  const faulty = await s.open('POST', '/activation', { document: 'x' })
  t.equal(unfit(answers.problem, faulty.body), undefined)
})

t.test('the guide for who writes an app names every call and every kind of word', (t) => {
  const guide = readFileSync(new URL('../../docs/integrators/movil-app.md', import.meta.url), 'utf8')
  for (const { method, path } of endpoints) t.match(guide, `\`${method} /app/api${path}\``)
  for (const word of ['activation', 'call', 'decision', 'pin']) t.match(guide, `clave-movil-${word}+jwt`)
  const codes = new Set(endpoints.flatMap(({ refused }) => refused))
  for (const code of [...codes, 'MOVIL-10-device-unknown']) t.match(guide, code)
  t.end()
})
