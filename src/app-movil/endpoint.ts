import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { PhoneCall, PhoneCaller } from '../authentication/index.ts'
import type { Refusal, RefusalCode } from '../refusal/index.ts'
import type { AppMovilParts } from './parts.ts'

/** One call: what came, and from where. */
export interface Turn<Body = unknown> {
  readonly parts: AppMovilParts
  readonly caller: PhoneCaller
  readonly body: Body
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** One that a phone signed. */
export interface SignedTurn<Body = unknown> extends Turn<Body> {
  readonly call: PhoneCall
}

/** `field`: what is wrong with it, where it is nothing that the schema can tell. `answered`: the reply was sent. */
export type Answer =
  | { readonly status: 200 | 201; readonly body: object }
  | { readonly status: 204 }
  | { readonly field: string; readonly detail?: string }
  | 'answered'
  | Refusal

/** What a call may be answered, for the description of the interface. */
export interface Described {
  readonly what: string
  readonly schema?: TSchema
  /** application/json unless told. */
  readonly type?: string
}

interface About<Body extends TSchema | undefined> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below /app/api. */
  readonly path: string
  /** One line, and what else whoever writes an app has to know. */
  readonly summary: string
  readonly description?: string
  readonly body?: Body
  readonly answers: Readonly<Record<number, Described>>
  /** Beside what every call may be refused with. */
  readonly refused: readonly RefusalCode[]
}

type BodyOf<Body extends TSchema | undefined> = Body extends TSchema ? Static<Body> : undefined

interface Open<Body extends TSchema | undefined> extends About<Body> {
  answer(turn: Turn<BodyOf<Body>>): Promise<Answer>
}
interface Signed<Body extends TSchema | undefined> extends About<Body> {
  answer(turn: SignedTurn<BodyOf<Body>>): Promise<Answer>
}

/** One row of the app's interface: the server and its description are made from it. */
export type Endpoint =
  (Open<TSchema | undefined> & { readonly signed: false }) | (Signed<TSchema | undefined> & { readonly signed: true })

/** Anybody may call it. */
export const open = <const Body extends TSchema | undefined = undefined>(one: Open<Body>): Endpoint => ({
  ...(one as unknown as Open<TSchema | undefined>),
  signed: false,
})

/** Only an active phone may, by a signature over this very call. */
export const signed = <const Body extends TSchema | undefined = undefined>(one: Signed<Body>): Endpoint => ({
  ...(one as unknown as Signed<TSchema | undefined>),
  signed: true,
})
