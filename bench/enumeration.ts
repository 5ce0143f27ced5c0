import { statement } from '../src/platform/index.ts'
import { Browser, follow, hiddenFields } from './browser.ts'
import { choose } from './clave-flow.ts'
import { Connection } from './connection.ts'
import { median } from './load.ts'
import type { Row } from './main.ts'
import { citizenNumber, populate } from './population.ts'
import { startWorld, type World } from './world.ts'

/** Wrong tries of each kind of document. */
const samples = 300

/** What a document can be, and the numbers of the bench's citizens who have such a one. */
const kinds = ['registered', 'unknown', 'unregistered', 'deceased', 'blocked'] as const
type Kind = (typeof kinds)[number]
const firstOf = (kind: Kind): number => kinds.indexOf(kind) * 1_000

/**
 * Whether the time of a wrong answer tells what a document is: the median of each kind beside that of a registered one,
 * kinds taken in turn, each document used once. The ratio is the smaller over the larger: 1 tells nothing.
 * (That the work is the same is proven by a test of the traces; this is the sample.)
 */
export async function enumeration(): Promise<readonly Row[]> {
  const world = await startWorld()
  try {
    await prepare(world)
    return [
      ...(await compare(world, 'pin', (document) => ({ document, contrast: '01/01/2040', prefix: '' }))),
      ...(await compare(world, 'permanente', (document) => ({ document, password: 'Wrong-Password-2026' }))),
    ]
  } finally {
    await world.close()
  }
}

async function prepare({ db }: World): Promise<void> {
  await populate(db, kinds.length * 1_000, kinds.length * 1_000)
  const [unknown, unregistered, deceased, blocked] = [1, 2, 3, 4].map((kind) => ({
    from: citizenNumber(kind * 1_000).document,
    to: citizenNumber(kind * 1_000 + 999).document,
  }))
  const run = (text: string, range: { from: string; to: string } | undefined) =>
    db.rows(statement(`bench.${text.slice(0, 40)}`, text), [range!.from, range!.to])
  await run('delete from citizen where document between $1 and $2', unknown)
  await run(
    `update citizen set registration_level = null, registration_channel = null, registered_at = null
     where document between $1 and $2`,
    unregistered,
  )
  await run('update citizen set deceased = true where document between $1 and $2', deceased)
  await run(
    `update permanente_password set blocked_at = now()
     where citizen_id in (select id from citizen where document between $1 and $2)`,
    blocked,
  )
}

type Form = (document: string) => Record<string, string>

async function compare(world: World, method: 'pin' | 'permanente', form: Form): Promise<readonly Row[]> {
  const times = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]))
  const connection = new Connection('127.0.0.1', world.port)
  const attempt = await openForWrongTries(world, connection, method)
  for (let sample = 0; sample < samples; sample++) {
    for (const kind of kinds) {
      const { document } = citizenNumber(firstOf(kind) + sample)
      const took = await attempt(form(document))
      // The first ones warm the process up.
      if (sample >= samples / 5) times.get(kind)!.push(took)
    }
  }
  connection.close()
  const peer = median(times.get('registered')!)
  return kinds.slice(1).map((kind) => {
    const ours = median(times.get(kind)!)
    const ratio = Math.min(ours, peer) / Math.max(ours, peer)
    return {
      bench: 'enumeration',
      unit: `ms, wrong ${method} of a document that is ${kind}`,
      ours,
      peer,
      peer_name: 'registered',
      ratio,
    }
  })
}

/** The method's first page of a login; the answer tries it once, wrongly, and says the milliseconds until the page that tells so. */
export async function openForWrongTries({ origin, agency }: World, connection: Connection, method: string) {
  const browser = new Browser(connection, origin)
  const authorize = `/oidc/authorize?${new URLSearchParams({
    client_id: agency.clientId,
    response_type: 'code',
    redirect_uri: agency.redirectUri,
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  }).toString()}`
  const choice = await follow(browser, await browser.get(authorize), origin)
  const page = await choose(browser, choice, method)
  const action = /<form method="post" action="([^"]*)"/.exec(page.body)![1]!
  const hidden = hiddenFields(page.body, action)
  return async (fields: Record<string, string>): Promise<number> => {
    const began = performance.now()
    const told = await follow(browser, await browser.submit(action, { ...hidden, ...fields }), origin)
    const took = performance.now() - began
    if (told.status !== 422) throw new Error(`a wrong try was answered with ${told.status}`)
    return took
  }
}
