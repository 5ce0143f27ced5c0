import { get, type IncomingMessage } from 'node:http'
import { bareLogin } from './bare-flow.ts'
import { startBareProvider } from './bare-server.ts'
import type { Browser } from './browser.ts'
import { movilLogin, waitingPage } from './clave-flow.ts'
import { Connection } from './connection.ts'
import { closedLoop, median, sleep } from './load.ts'
import type { Row } from './main.ts'
import { givePhones, type BenchPhone } from './phones.ts'
import { populate } from './population.ts'
import { startWorld, type World } from './world.ts'

const inFlight = 16
const rounds = 3
const warmUp = 2_000
const measured = 6_000
const phones = 10_000
/** Approvals of which the time is taken, and how many of them a second. */
const sampled = 300
const perSecond = 20

/** Logins that wait with their QR before approvals are counted: fewer than a QR's half minute lasts for. */
const prepared = 400

/**
 * Cl@ve Móvil: complete approvals a second, and whole logins a second, from authorize to token, with the phone's calls;
 * and how soon the page that waits knows of the approval, while so many wait.
 */
export async function movil(): Promise<readonly Row[]> {
  const bare = await startBareProvider()
  const world = await startWorld()
  try {
    await populate(world.db, phones, 0)
    const given = await givePhones(world.db, phones, world.origin)
    const rows = await logins(world, given, bare.port)
    await bare.close()
    for (const waiting of [1_000, 5_000, 10_000]) rows.push(...(await knowing(world, given, waiting)))
    return rows
  } finally {
    await world.close()
    await bare.close()
  }
}

async function logins(world: World, given: readonly BenchPhone[], barePort: number): Promise<Row[]> {
  const login = movilLogin(world, given)
  let next = 0
  let requests = 0
  const ourLogin = async (connection: Connection) => {
    requests = await login(connection, next++ % phones)
  }
  const ours: number[] = []
  const theirs: number[] = []
  const approved: number[] = []
  for (let round = 0; round < rounds; round++) {
    theirs.push(
      await closedLoop({ port: barePort, inFlight, warmUp, measured }, (connection) =>
        bareLogin(connection, `http://127.0.0.1:${barePort}`),
      ),
    )
    ours.push(await closedLoop({ port: world.port, inFlight, warmUp, measured }, ourLogin))
    approved.push(await approvals(world, () => given[next++ % phones]!))
  }
  const [mine, peer, approving] = [median(ours), median(theirs), median(approved)]
  return [
    row('complete approvals/s', approving, peer, 'logins/s of the bare oidc-provider', approving / peer),
    row('logins/s', mine, peer, 'bare oidc-provider', mine / peer),
    row('requests a login', requests, 5, 'bare oidc-provider', 5 / requests),
  ]
}

/** A second, of logins that wait: the phone scans the QR, its owner approves, and the page finds that out. */
async function approvals(world: World, nextPhone: () => BenchPhone): Promise<number> {
  const connections = Array.from({ length: inFlight }, () => new Connection('127.0.0.1', world.port))
  const waiting: Awaited<ReturnType<typeof waitingPage>>[] = []
  const each = (act: (connection: Connection) => Promise<boolean>) =>
    Promise.all(
      connections.map(async (connection) => {
        while (await act(connection));
      }),
    )
  await each(async (connection) => waiting.push(await waitingPage(world, connection)) < prepared)
  const count = waiting.length
  const began = performance.now()
  await each(async (connection) => {
    const one = waiting.pop()
    if (!one) return false
    const phone = nextPhone()
    await phone.approve(connection, await phone.scan(connection, one.token))
    const { body } = await connection.request('GET', `${one.page}/news`, {
      cookie: one.browser.cookies(one.page),
      accept: 'application/json',
    })
    if (!body.includes('"standing":"approved"')) throw new Error(`not approved: ${body}`)
    return true
  })
  const seconds = (performance.now() - began) / 1000
  for (const connection of connections) connection.close()
  return count / seconds
}

const row = (unit: string, ours: number, peer: number, peer_name: string, ratio: number): Row => ({
  ...{ bench: 'movil', unit, ours, peer, peer_name, ratio },
})

/** So many pages wait, each with its stream; some of them are approved, at a steady rate. */
async function knowing(world: World, given: readonly BenchPhone[], count: number): Promise<Row[]> {
  const before = await world.serverMemory()
  const pages = await openPages(world, count)
  const idle = await idleShare(world)
  const memory = await world.serverMemory()
  const every = Math.floor(count / sampled)
  const chosen = pages.flatMap((page, nth) => (nth % every === 0 && given[nth] ? [{ page, phone: given[nth] }] : []))
  const connections = Array.from({ length: inFlight }, () => new Connection('127.0.0.1', world.port))
  const times: number[] = []
  await Promise.all(
    connections.map(async (connection, first) => {
      const began = performance.now()
      for (let nth = first; nth < chosen.length; nth += connections.length) {
        const { page, phone } = chosen[nth]!
        const shown = await phone.scan(connection, await page.token(connection))
        await page.told('scanned')
        await sleep(began + (nth * 1000) / perSecond - performance.now())
        const told = page.told('approved')
        await phone.approve(connection, shown)
        const approved = performance.now()
        times.push(Math.max(0, (await told) - approved))
      }
    }),
  )
  for (const connection of connections) connection.close()
  for (const page of pages) page.close()
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!
  const [p50, p99] = [at(0.5), at(0.99)]
  const each = ((memory - before) * 1024) / count
  return [
    row(`ms from approval to knowing, p99, ${count} waiting (aim: 250)`, p99, 250, 'aim', 250 / p99),
    row(`ms of the same, p50`, p50, 250, 'aim', 250 / p50),
    row(`KiB of the server for each of ${count} streams`, each, 64, 'aim', 64 / each),
    row(`share of a core, ${count} waiting and nothing else`, idle, 0.1, 'aim', 0.1 / Math.max(idle, 0.001)),
  ]
}

interface Page {
  /** What its QR says now. */
  token(connection: Connection): Promise<string>
  /** When the page is told this standing, performance.now(). */
  told(standing: string): Promise<number>
  close(): void
}

async function openPages(world: World, count: number): Promise<readonly Page[]> {
  const pages: Page[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      const connection = new Connection('127.0.0.1', world.port)
      while (next++ < count) {
        const { browser, page } = await waitingPage(world, connection)
        pages.push(await listenTo(world, browser, page))
      }
      connection.close()
    }),
  )
  return pages
}

async function listenTo(world: World, browser: Browser, page: string): Promise<Page> {
  const request = get(`${world.origin}${page}/events`, { agent: false, headers: { cookie: browser.cookies(page) } })
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
  })
  if (answer.statusCode !== 200) throw new Error(`stream: ${answer.statusCode}`)
  const told = new Map<string, number>()
  let wake: (() => void) | undefined
  answer.on('data', (chunk: Buffer) => {
    const standing = /"standing":"(\w+)"/.exec(chunk.toString())?.[1]
    if (standing === undefined) return
    told.set(standing, performance.now())
    wake?.()
  })
  answer.on('error', () => undefined)
  return {
    async token(connection) {
      const headers = { cookie: browser.cookies(page), accept: 'application/json' }
      const { body } = await connection.request('GET', `${page}/news`, headers)
      return /scan#([^"]+)"/.exec(body)?.[1] ?? ''
    },
    async told(standing) {
      while (!told.has(standing)) await new Promise<void>((resolve) => (wake = resolve))
      return told.get(standing)!
    },
    close: () => request.destroy(),
  }
}

/** How much of a core the server takes while nothing happens but the waiting. */
async function idleShare(world: World): Promise<number> {
  await sleep(2_000)
  const [before, began] = [await world.serverSeconds(), performance.now()]
  await sleep(5_000)
  return ((await world.serverSeconds()) - before) / ((performance.now() - began) / 1000)
}
