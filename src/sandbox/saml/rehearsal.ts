import type { FastifyReply, FastifyRequest } from 'fastify'
import { systemRandom, type App, type EphemeralStore } from '../../platform/index.ts'
import { refusal, type Refusal } from '../../refusal/index.ts'
import { makeSaml, type SamlParts } from '../../saml/index.ts'
import type { ExaminerParts } from './examination.ts'
import type { FormFields } from './paste.ts'

/** What a browser would bring to a door: a form, or an address with its query. */
export type Delivery = { readonly path: string } & ({ readonly form: FormFields } | { readonly query: string })

export interface Outcome {
  /** Nothing: it would be let in. */
  readonly refused?: Refusal | undefined
  /** Id of whom the door took it to be from, where it came so far. */
  readonly relyingParty?: string | undefined
}

/**
 * What our own door does with a message, by its own code from the field's name to the last rule, with nothing behind it
 * that keeps anything: the message is not used up, and no login and no logout begins. A refusal that would go to the agency
 * as a signed answer is known by its code alone.
 */
export async function rehearse(parts: ExaminerParts, delivery: Delivery): Promise<Outcome> {
  let outcome: Outcome = {}
  const door = doorIn(
    samlPartsOf(parts, {
      kept: (relyingParty) => (outcome = { relyingParty }),
      refused: ({ code, relyingParty }) => (outcome = { refused: refusal(code), relyingParty }),
    }),
    delivery,
  )
  const reply = {
    header: () => reply,
    page: () => reply,
    redirect: () => reply,
    refuse: (refused: Refusal) => ((outcome = { ...outcome, refused }), reply),
  }
  try {
    await door(requestOf(delivery), reply as unknown as FastifyReply)
  } catch (error) {
    if (!(error instanceof Answered)) throw error
  }
  return outcome
}

/** Where a door would begin to sign an answer. */
class Answered extends Error {}

interface Watch {
  readonly kept: (relyingParty: string | undefined) => void
  readonly refused: NonNullable<SamlParts['observe']>
}

const nobodyWatches: Watch = { kept: () => undefined, refused: () => undefined }

/** What a door's first step works with; the browser, which the rest is for, is not seen there. */
export function samlPartsOf({ issuer, clock, relyingParties }: ExaminerParts, watch: Watch = nobodyWatches): SamlParts {
  const store = {
    get: async () => undefined,
    set: async (_key: string, value: unknown) => watch.kept((value as Kept).initiator?.relyingParty),
  }
  return {
    ...{ clock, relyingParties, baseUrl: issuer, random: systemRandom },
    store: store as unknown as EphemeralStore,
    once: async () => true,
    limits: { interactionLifetime: 0 },
    keys: {
      ring: () => {
        throw new Answered()
      },
    },
    observe: watch.refused,
  } as Partial<SamlParts> as SamlParts
}

/** Of what a door keeps: who asked for a logout. */
interface Kept {
  readonly initiator?: { readonly relyingParty?: string }
}

type Door = (request: FastifyRequest, reply: FastifyReply) => unknown

/** The handler that is mounted for it. */
function doorIn(parts: SamlParts, delivery: Delivery): Door {
  const doors = new Map<string, Door>()
  const mount = (method: string) => (path: string, _options: unknown, door: Door) => doors.set(method + path, door)
  const documents = { supportedMethods: [], route: () => undefined }
  makeSaml(parts).routes({ get: mount('GET'), post: mount('POST'), ...documents } as unknown as App)
  const door = doors.get(('query' in delivery ? 'GET' : 'POST') + delivery.path)
  if (!door) throw new Error(`rehearse: no door at ${delivery.path}`)
  return door
}

const requestOf = (delivery: Delivery): FastifyRequest =>
  ({
    ...('query' in delivery
      ? { method: 'GET', raw: { url: `${delivery.path}?${delivery.query}` } }
      : { method: 'POST', body: delivery.form, raw: { url: delivery.path } }),
    routeOptions: { url: delivery.path },
    // Nothing of what is looked at here is logged.
    log: { info: () => undefined },
  }) as unknown as FastifyRequest
