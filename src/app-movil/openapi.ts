import type { TSchema } from 'typebox'
import { refusalRow, type RefusalCode } from '../refusal/index.ts'
import { apiBase, endpoints } from './endpoints.ts'
import type { Described, Endpoint } from './endpoint.ts'
import { answers } from './schemas.ts'

type Json = Readonly<Record<string, unknown>>

/** What every call may be answered, and every signed one. */
const always = { 400: 'The body does not fit the description.', 415: 'The body is no application/json.' }
const alwaysSigned = { 413: 'The body is larger than 16 KiB.' }

/** The description of the app's interface (OpenAPI 3.1), from the very schemas by which it hears and the refusals it knows. */
export function describeApi(baseUrl: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const one of endpoints) {
    const path = (paths[`${apiBase}${one.path}`] ??= {})
    path[one.method.toLowerCase()] = operationOf(one)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Cl@ve Móvil',
      version: '1',
      description:
        'What a citizen’s phone says to Cl@ve. docs/integrators/movil-app.md tells how words are written and signed.',
    },
    servers: [{ url: baseUrl }],
    paths,
    components: { schemas: { Problem: answers.problem }, securitySchemes: { phone } },
  }
}

const phone = {
  type: 'http',
  scheme: 'Clave-Movil',
  description: 'Authorization: Clave-Movil <word of the kind clave-movil-call+jwt over this very call>',
}

const operationOf = (one: Endpoint): Json => ({
  operationId: `${one.method.toLowerCase()}${one.path.replace(/[/-](\w)/g, (_all, letter: string) => letter.toUpperCase())}`,
  summary: one.summary,
  ...(one.description === undefined ? {} : { description: one.description }),
  security: one.signed ? [{ phone: [] }] : [],
  ...(one.body && { requestBody: { required: true, content: contentOf(one.body) } }),
  responses: { ...answersOf(one.answers), ...problemsOf(one) },
})

const answersOf = (described: Readonly<Record<number, Described>>): Json =>
  Object.fromEntries(
    Object.entries(described).map(([status, { what, schema, type }]) => [
      status,
      {
        description: what,
        ...(schema && { content: contentOf(schema) }),
        ...(type !== undefined && { content: { [type]: { schema: { type: 'string' } } } }),
      },
    ]),
  )

const contentOf = (schema: TSchema): Json => ({ 'application/json': { schema } })

/** Every refusal by its HTTP status; its code is the end of `type`. */
function problemsOf({ signed, body, refused }: Endpoint): Json {
  const codes: readonly RefusalCode[] = signed ? ['MOVIL-10-device-unknown', ...refused] : refused
  const said = new Map<number, string[]>()
  const say = (status: number, what: string) => said.set(status, [...(said.get(status) ?? []), what])
  for (const [status, what] of Object.entries({ ...(body && { ...always, ...alwaysSigned }) }))
    say(Number(status), what)
  for (const code of codes) say(refusalRow(code).http, code)
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  return Object.fromEntries([...said].map(([status, what]) => [status, { description: what.join(' '), content }]))
}
