import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { relyingPartyTable } from '../../../src/relying-party/relying-party-table.ts'
import type { SamlRelyingParty } from '../../../src/relying-party/index.ts'
import type { Browser, Page } from '../../oidc/browser.ts'
import { by, identityProvider, issuer as origin, type IdentityProvider } from '../../oidc/identity-provider.ts'
import { claveAgency, formOf, responseOf, standardAgency, type SamlAgency } from '../../saml/agency.ts'
import { base64 } from '../../support/saml-signer.ts'
import { makeGenuine, registered } from './attack.ts'
import { faces, form, loginDoors, logoutDoors, type DoorScene, type Face, type LogoutContent } from './door.ts'

/** The scene, and what the test looks at afterwards. */
export interface WatchedScene extends DoorScene {
  lastId(): string
  /** Codes of the messages that were refused since it was asked before, on both instances. */
  refusedCodes(): readonly string[]
  /** Whether the browser that carries the attacks is still known. */
  isIdentified(): Promise<boolean>
}

export async function doorScene(t: Test): Promise<WatchedScene> {
  const idp = await identityProvider(t, { saml: true })
  const other = await idp.another()
  const genuine = makeGenuine(new Date())
  const agencies = { clave: await claveAgency(idp, {}, { redirectBinding: true }), standard: await standardAgency(idp) }
  const victims = { clave: await claveAgency(idp), standard: await standardAgency(idp) }
  const pattern = await claveAgency(idp, {}, { acs: ['https://pattern.test/return/{session}.html'] })
  const [lapsed, silent] = [await standardAgency(idp), await standardAgency(idp, {}, { slo: 'none' })]
  // The registry takes neither what is expired nor what is short: such a row is one that was right when it was written.
  await rewrite(idp, agencies.clave, (saml) => ({
    ...saml,
    certificates: [...saml.certificates, ...registered(genuine).slice(1)],
  }))
  const past = new Date(Date.now() - 1_000).toISOString()
  await rewrite(idp, lapsed, (saml) => ({
    ...saml,
    metadata: { ...saml.metadata, signedBy: [], readAt: past, validUntil: past },
  }))
  const ids: string[] = []
  const carrier = idp.browser()
  const id = () => {
    ids.push(`_${randomUUID()}`)
    return ids.at(-1)!
  }
  const request: DoorScene['request'] = (face, content = {}) =>
    decoded(agencies[face].asks({ ...content, id: content.id ?? id() })['SAMLRequest'])
  const through = (face: Face, browser: Browser, send: (browser: Browser) => Promise<Page>) =>
    loginThrough(idp, agencies[face], browser, send)
  /** Logs the browser in; by what name a logout calls who did. */
  const enter = async (browser: Browser, face: Face): Promise<LogoutContent> => {
    const asked = form({ SAMLRequest: base64(request(face)) })
    const page = await through(face, browser, (one) => one.postRaw(loginDoors[face], asked))
    const { nameId = '', sessionIndex } = responseOf(formOf(page))
    return face === 'clave' ? {} : { nameId, sessionIndexes: [sessionIndex ?? ''] }
  }
  const carried = {} as Record<Face, LogoutContent>
  const board = async () => {
    for (const face of faces) carried[face] = await enter(carrier, face)
  }
  await board()
  const newIn = newLines()
  return {
    ...{ origin, idp, other, agencies, victims, pattern, lapsed, silent, genuine, id, request },
    leaving: (face, content = {}) => decoded(agencies[face].leaves({ id: id(), ...carried[face], ...content })),
    post: (door, fields) => carrier.postRaw(door, typeof fields === 'string' ? fields : form(fields)),
    open: (door, query) => carrier.get(`${door}?${query}`),
    async flush() {
      const last = ids.at(-1)!
      await idp.store.clear()
      await board()
      ids.push(last)
    },
    login: (face, send) => through(face, idp.browser(), send),
    async logout(face, { content, fields = {} }) {
      const browser = idp.browser()
      const named = await enter(browser, face)
      const message = agencies[face].leaves({ id: id(), ...named, ...content })
      const field = face === 'clave' ? 'logoutRequest' : 'SAMLRequest'
      const page = await browser.postRaw(logoutDoors[face], form({ [field]: message, ...fields }))
      return page.location ? browser.open(page.location) : page
    },
    lastId: () => ids.at(-1) ?? '',
    refusedCodes: () => [idp, other].flatMap(({ lines }) => newIn(lines).flatMap(refusedIn)),
    async isIdentified() {
      const asked = agencies.clave.asks({ isPassive: 'true', forceAuthn: 'false' })
      const page = await carrier.postRaw(loginDoors.clave, form(asked))
      return responseOf(formOf(await carrier.open(page.location!))).status === 'Success'
    },
  }
}

const decoded = (text = ''): string => Buffer.from(text, 'base64').toString()

/** A request to the answer, the citizen's part left out. */
async function loginThrough(
  idp: IdentityProvider,
  agency: SamlAgency,
  browser: Browser,
  send: (browser: Browser) => Promise<Page>,
): Promise<Page> {
  idp.next(agency.id, by(idp.carmen))
  const page = await send(browser)
  return page.location ? browser.open(page.location) : page
}

/** Of a row as it stands in the database. */
async function rewrite(
  { db, relyingParties, clock }: IdentityProvider,
  { id }: SamlAgency,
  change: (saml: SamlRelyingParty['saml']) => SamlRelyingParty['saml'],
): Promise<void> {
  const found = await relyingParties.find(id)
  if (!found?.saml) throw new Error(`no such relying party: ${id}`)
  const before = { ...found, saml: found.saml }
  if (!(await relyingPartyTable.refresh(db, before, change(found.saml), clock.now(), clock.now())))
    throw new Error(`not rewritten: ${id}`)
}

/** What was written since it was asked before, of each log. */
function newLines(): (lines: readonly string[]) => readonly string[] {
  const seen = new Map<readonly string[], number>()
  return (lines) => {
    const from = seen.get(lines) ?? 0
    seen.set(lines, lines.length)
    return lines.slice(from)
  }
}

/** The code that a line of the log tells of, where it tells of a message. */
function refusedIn(line: string): string[] {
  if (!line.includes('saml message refused')) return []
  return [(JSON.parse(line) as { readonly outcome: string }).outcome]
}
