import type { Test } from 'tap'
import { Type, type Static } from 'typebox'
import {
  atOf,
  mountJourneys,
  postgresStore,
  systemRandom,
  type Db,
  type EphemeralStore,
  type JourneyPage,
  type JourneyTable,
  type StartPage,
} from '../../src/platform/index.ts'
import { testBrowser, type Answered, type TestBrowser } from '../login/test-browser.ts'
import { testClock, type TestClock } from '../support/clock.ts'
import { digest, httpApp } from './http-app.ts'

/** From one to two to the end; each remembers the words that were typed. */
export type At =
  | { readonly page: 'one'; readonly words: readonly string[] }
  | { readonly page: 'two'; readonly words: readonly string[] }
  | { readonly page: 'end'; readonly words: readonly string[]; readonly paper: boolean }

export interface JourneyRoom {
  readonly store: EphemeralStore
  readonly clock: TestClock
  /** Words that a form was carried out with. */
  readonly carried: string[]
  /** Happens once, after the next form was carried out and before the journey moves. */
  meanwhile: (() => Promise<unknown>) | undefined
  browser(): Walker
}

export interface Walker extends TestBrowser {
  /** Begins a journey; answers its first page. */
  begin(): Promise<Said>
  look(path: string): Promise<Said>
  /** A form with the id of the journey last seen, unless told; led on to where it leads. */
  send(path: string, fields?: Record<string, string>): Promise<Said>
}

/** What a page was given, and where it stood. */
export type Said = Omit<Answered, 'body'> & { readonly model: Record<string, unknown> }

export const lifetimes = { first: 600, longest: 1500, kept: 3000 }

/** A room of no meaning: '/walk', one journey a browser, or '/walks/:id'. A page answers with its model as JSON. */
export async function journeyRoom(t: Test, db: Db, base: '/walk' | '/walks/:id'): Promise<JourneyRoom> {
  const clock = testClock()
  const app = httpApp(t)
  app.addHook('onRequest', async (_request, reply) => {
    reply.page = (template, model = {}, status = 200) => reply.status(status).send({ template, ...model })
  })
  const store = postgresStore({ db, clock, random: systemRandom })
  const room: JourneyRoom = {
    ...{ store, clock, carried: [], meanwhile: undefined },
    browser: () => walker(testBrowser(app, digest), base),
  }
  mountJourneys({ store, clock, random: systemRandom }, tableOf(room, base), app)
  await app.ready()
  return room
}

function walker(browser: TestBrowser, base: string): Walker {
  let journey = ''
  const said = ({ body, ...answer }: Answered): Said => {
    const model = body.startsWith('{') ? (JSON.parse(body) as Record<string, unknown>) : { body }
    if (typeof model['journey'] === 'string') journey = model['journey']
    return { ...answer, model }
  }
  const urlOf = (path: string) => `${base.replace(':id', journey)}${path}`
  return {
    ...browser,
    async begin() {
      await browser.get('/help')
      if (browser.cookies.size === 0) browser.cookies.set('clave-browser', systemRandom.token())
      return said(await browser.submit('/begin', { word: 'zero' }))
    },
    look: async (path) => said(await browser.open(urlOf(path))),
    send: async (path, fields = {}) => said(await browser.submit(urlOf(path), { journey, ...fields })),
  }
}

const form = Type.Object({ journey: Type.String(), word: Type.String({ maxLength: 10 }) })
type Form = Static<typeof form>

function tableOf(room: JourneyRoom, base: '/walk' | '/walks/:id'): JourneyTable<At> {
  return {
    ...{ name: 'walk', base, lifetimes, starts: [start], pages: pagesOf(room), pageOf: ({ page }) => page },
    ends: { states: ['end'], lapse: base === '/walk' },
    lost: (why, journey) => ({ template: 'lost', model: { why, kind: journey?.kind }, status: 410 }),
    ...(base === '/walk' && { leaveTo: '/begin' }),
  }
}

const start: StartPage<At> = {
  ...{ path: '/begin', template: 'start', begins: 'a walk', leadsTo: ['one'] },
  form: Type.Object({ word: Type.String() }),
  show: async ({ query }) => ({ model: { asked: query['asked'] } }),
  submit: async (_turn, typed) => {
    const { word } = typed as { word: string }
    if (word === 'wrong') return { again: [{ field: 'word', text: 'x' }], values: { word } }
    return { to: { page: 'one', words: [word] } }
  },
}

function pagesOf(room: JourneyRoom): readonly JourneyPage<At>[] {
  const carryOut = async (word: string) => {
    room.carried.push(word)
    const { meanwhile } = room
    room.meanwhile = undefined
    await meanwhile?.()
  }
  const one: JourneyPage<At> = {
    ...{ name: 'one', path: '/one', template: 'one', states: ['one'], leadsTo: ['two'], form },
    show: async (turn) => ({ model: { words: atOf(turn, 'one').words, values: { word: 'old' } } }),
    async submit(turn, typed) {
      const { word } = typed as Form
      if (word === 'wrong') return { again: [{ field: 'word', text: 'x' }], values: { word }, model: { hint: 'yes' } }
      if (word === 'refused') return { refused: 'BUSY-01-try-again' }
      const words = [...atOf(turn, 'one').words, word]
      await carryOut(word)
      return word === 'moved' ? { moved: true } : { to: { page: 'two', words } }
    },
  }
  const two: JourneyPage<At> = {
    ...{ name: 'two', path: '/two', template: 'two', states: ['two'], leadsTo: ['end'], form },
    show: async (turn) => ({ model: { words: atOf(turn, 'two').words } }),
    async submit(turn, typed) {
      const { words } = atOf(turn, 'two')
      // Not among what the row leads to.
      if ((typed as Form).word === 'back') return { to: { page: 'one', words } }
      return { to: { page: 'end', words, paper: true } }
    },
  }
  const beside: JourneyPage<At> = {
    ...{ name: 'beside', path: '/beside', template: 'beside', states: ['one', 'two'], leadsTo: [], without: '/begin' },
    show: async () => ({ model: {} }),
  }
  return [one, two, beside, ...endPages(carryOut)]
}

const endPages = (carryOut: (word: string) => Promise<void>): readonly JourneyPage<At>[] => [
  {
    ...{ name: 'end', path: '/end', template: 'end', states: ['end'], leadsTo: [] },
    show: async () => ({ model: {} }),
  },
  {
    ...{ name: 'paper', path: '/paper', states: ['end'], leadsTo: ['end'] },
    show: async () => ({ model: {} }),
    async submit(turn) {
      const at = atOf(turn, 'end')
      if (!at.paper) return { moved: true }
      await carryOut('paper')
      const file = { name: 'a.txt', type: 'text/plain', content: Buffer.from('the paper') }
      return { to: { ...at, paper: false }, file }
    },
  },
]
