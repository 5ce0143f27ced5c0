import { heed, skew } from './server-clock.ts'
import type { Phone } from './phone-store.ts'
import { callWord } from './words.ts'

/** Why a call brought nothing, in words for the citizen; `code`: the refusal's name, or one of our own. */
export interface Problem {
  readonly code: string
  readonly status: number
  readonly title: string
  readonly detail: string
  /** The field that is to be mended. */
  readonly field: string | undefined
}

export type Answer<Body> =
  | { readonly ok: true; readonly status: number; readonly body: Body }
  | { readonly ok: false; readonly problem: Problem }

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below /app/api. */
  readonly path: string
  readonly body?: object
  /** Signed by this phone where there is one. */
  readonly phone?: Phone | undefined
  readonly locale?: string
  readonly signal?: AbortSignal
}

/** No answer came: no network, or a server that cannot be reached. */
export const offline = 'offline'
/** The phone is none any more. */
export const unknownPhone = 'MOVIL-10-device-unknown'

/** One call of the app's interface; rejects only when `signal` ends it. */
export async function call<Body>(ask: Ask): Promise<Answer<Body>> {
  const before = skew()
  const first = await inTime(once(ask))
  // A word with a time that the server does not believe: it told its own, so the same is said again with that.
  const again = first?.status === 401 && ask.phone !== undefined && Math.abs(skew() - before) > 30_000
  return answerFrom(again ? await inTime(once(ask)) : first)
}

/** Milliseconds after which an answer is not waited for any more: a phone in a tunnel does not say that it has no network. */
const patience = 20_000

async function inTime(answer: Promise<Response | undefined>): Promise<Response | undefined> {
  let timer = 0
  const late = new Promise<undefined>((resolve) => {
    timer = self.setTimeout(() => resolve(undefined), patience)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The open answer of a call, for what streams; undefined: none came. */
export async function once({ method, path, body, phone, locale, signal }: Ask): Promise<Response | undefined> {
  const address = `/app/api${path}`
  const text = body === undefined ? '' : JSON.stringify(body)
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(locale === undefined ? {} : { 'accept-language': locale }),
    ...(phone ? { authorization: `Clave-Movil ${await callWord(phone, method, address, text)}` } : {}),
  }
  try {
    const sent = body === undefined ? {} : { body: text }
    const answer = await fetch(address, { method, headers, ...sent, ...(signal ? { signal } : {}), cache: 'no-store' })
    heed(answer)
    return answer
  } catch (error) {
    if (signal?.aborted) throw error
    return undefined
  }
}

async function answerFrom<Body>(answer: Response | undefined): Promise<Answer<Body>> {
  if (!answer) return { ok: false, problem: { ...nothing, code: offline } }
  const { ok, status } = answer
  const body: unknown = await answer.json().catch(() => undefined)
  if (ok) return { ok, status, body: body as Body }
  const { type = '', title = '', detail = '', field } = (body ?? {}) as Partial<Record<string, string>>
  return { ok, problem: { code: type.replace('urn:clave:refusal:', ''), status, title, detail, field } }
}

const nothing = { status: 0, title: '', detail: '', field: undefined }
