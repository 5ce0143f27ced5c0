import { createHash } from 'node:crypto'
import type { Answer, Connection } from './connection.ts'
import { Browser, follow, hiddenFields } from './browser.ts'
import type { BenchPhone } from './phones.ts'
import type { BenchCitizen } from './population.ts'
import { benchPassword } from './population.ts'
import type { World } from './world.ts'

const verifier = 'bench-code-verifier-bench-code-verifier-bench-code-verifier'
const challenge = createHash('sha256').update(verifier).digest('base64url')

/** How many requests one login took, from authorize to token. */
export type Login = (connection: Connection, citizen: BenchCitizen) => Promise<number>

/** A whole login with Cl@ve PIN, every page that a browser loads included. */
export const pinLogin = (world: World): Login => login(world, 'pin', identifyByPin(world))

const identifyByPin =
  (world: World): Method =>
  async (browser, page, citizen) => {
    const { document, contrast, phone } = citizen
    const asked = await submit(world, browser, page, { document, contrast, prefix: '' })
    return submit(world, browser, asked, { code: await world.codeFor(phone) })
  }

/** A whole login with Cl@ve Permanente, password alone. */
export const permanenteLogin = (world: World): Login =>
  login(world, 'permanente', (browser, page, citizen) =>
    submit(world, browser, page, { document: citizen.document, password: benchPassword }),
  )

/**
 * The same with Cl@ve PIN from an agency of the gateway's profile: from its AuthnRequest, signed ahead, to the form that
 * brings it the Response.
 */
export function samlPinLogin(world: World, requests: () => string): Login {
  const { origin, samlAgency } = world
  return async (connection, citizen) => {
    const browser = new Browser(connection, origin)
    const sent = await browser.submit('/Proxy2/ServiceProvider', { SAMLRequest: requests(), RelayState: 'bench-state' })
    const choice = await follow(browser, sent, origin)
    const page = await choose(browser, choice, 'pin')
    const done = await identifyByPin(world)(browser, page, citizen)
    const { SAMLResponse } = hiddenFields(done.body, samlAgency.acs)
    if (SAMLResponse === undefined || !Buffer.from(SAMLResponse, 'base64').includes('status:Success'))
      throw new Error(`login failed: ${done.status} ${textOf(done.body)}`)
    return browser.requests
  }
}

type Method = (browser: Browser, page: Answer, citizen: BenchCitizen) => Promise<Answer>

function login(world: World, method: string, identify: Method): Login {
  return async (connection, citizen) => {
    const browser = new Browser(connection, world.origin)
    const choice = await begin(world, browser)
    const page = await choose(browser, choice, method)
    await redeem(world, connection, await identify(browser, page, citizen))
    return browser.requests + 1
  }
}

/** From authorize to the choice of the method. */
async function begin({ agency, origin }: World, browser: Browser): Promise<Answer> {
  const authorize = `/oidc/authorize?${new URLSearchParams({
    client_id: agency.clientId,
    response_type: 'code',
    redirect_uri: agency.redirectUri,
    scope: 'openid',
    state: 'bench-state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }).toString()}`
  return follow(browser, await browser.get(authorize), origin)
}

/** The code that the login ended in, for tokens. */
async function redeem({ agency }: World, connection: Connection, done: Answer): Promise<void> {
  const basic = `Basic ${Buffer.from(`${agency.clientId}:${agency.secret}`).toString('base64')}`
  const location = done.headers.get('location') ?? ''
  if (!location.startsWith(agency.redirectUri)) throw new Error(`login failed: ${done.status} ${textOf(done.body)}`)
  const tokens = await connection.request(
    'POST',
    '/oidc/token',
    { authorization: basic, 'content-type': 'application/x-www-form-urlencoded' },
    new URLSearchParams({
      grant_type: 'authorization_code',
      code: new URL(location).searchParams.get('code') ?? '',
      redirect_uri: agency.redirectUri,
      code_verifier: verifier,
    }).toString(),
  )
  if (tokens.status !== 200 || !tokens.body.includes('id_token'))
    throw new Error(`token: ${tokens.status} ${tokens.body}`)
}

/** A browser on the page with the QR, and what that says. */
export async function waitingPage(
  world: World,
  connection: Connection,
): Promise<{ readonly browser: Browser; readonly page: string; readonly token: string; readonly body: Answer }> {
  const browser = new Browser(connection, world.origin)
  const choice = await begin(world, browser)
  const body = await submit(world, browser, choice, { method: 'movil' })
  const [, page = ''] = /<form method="post" action="([^"]*\/movil)"/.exec(body.body) ?? []
  const [, token = ''] = /href="[^"]*\/app\/scan#([^"]+)"/.exec(body.body) ?? []
  if (token === '') throw new Error(`no QR: ${body.status} ${textOf(body.body)}`)
  return { browser, page, token, body }
}

/** A whole login with Cl@ve Móvil: the QR is scanned, and approved behind the phone's own unlock. */
export const movilLogin =
  (world: World, phones: readonly BenchPhone[]) =>
  async (connection: Connection, number: number): Promise<number> => {
    const phone = phones[number]
    if (!phone) throw new Error(`no phone ${number}`)
    const { browser, body, token } = await waitingPage(world, connection)
    await phone.approve(connection, await phone.scan(connection, token))
    await redeem(world, connection, await submit(world, browser, body, {}))
    return browser.requests + 3
  }

/** Follows the tile of the method, or the link within a tile. */
export function choose(browser: Browser, choice: Answer, method: string): Promise<Answer> {
  const tile = new RegExp(`class="clave-tile(?:-within govuk-link)?" href="([^"]*/${method})"`).exec(choice.body)
  if (!tile?.[1]) throw new Error(`no tile: ${choice.status} ${textOf(choice.body)}`)
  return browser.get(tile[1])
}

/** Fills in the first form of the page and goes where it leads. */
async function submit(world: World, browser: Browser, page: Answer, fields: Record<string, string>): Promise<Answer> {
  const form = /<form method="post"(?: action="([^"]*)")?/.exec(page.body)
  if (!form?.[1]) throw new Error(`no form: ${page.status} ${textOf(page.body)}`)
  const answer = await browser.submit(form[1], { ...hiddenFields(page.body, form[1]), ...fields })
  return follow(browser, answer, world.origin)
}

/** The words of a page, for an error's message. */
const textOf = (html: string): string =>
  html
    .slice(html.indexOf('<main'))
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .slice(0, 400)
