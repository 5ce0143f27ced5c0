import { randomUUID } from 'node:crypto'
import { DOMParser, type Element } from '@xmldom/xmldom'
import type { IdentityProvider } from '../oidc/identity-provider.ts'
import { issuer } from '../oidc/identity-provider.ts'
import type { Browser, Page } from '../oidc/browser.ts'
import {
  authnRequest,
  base64,
  logoutRequest,
  makeKeyPair,
  redirectQuery,
  signXml,
  type SamlKeyPair,
} from '../support/saml-signer.ts'

type Content = Parameters<typeof authnRequest>[0]
type LogoutContent = Parameters<typeof logoutRequest>[0]

/** An agency's own side: its key, its registration, and what it sends. */
export interface SamlAgency {
  readonly id: string
  readonly keys: SamlKeyPair
  readonly acs: string
  /** Fields of the form that asks for a login. */
  asks(content?: Content, fields?: Record<string, string>): Record<string, string>
  /** Query of the address that asks for a login. */
  asksByAddress(content?: Content, relayState?: string): string
  leaves(content?: LogoutContent): string
}

export const claveDoor = '/Proxy2/ServiceProvider'
export const now = (): string => new Date().toISOString()
export const newId = (): string => `_${randomUUID()}`

/** An agency of the gateway's profile. */
export async function claveAgency(
  idp: Pick<IdentityProvider, 'relyingParties'>,
  more: Readonly<Record<string, unknown>> = {},
  clave: Readonly<Record<string, unknown>> = {},
): Promise<SamlAgency> {
  const keys = makeKeyPair()
  const id = `c${randomUUID().slice(0, 8)}`
  const providerName = `S2833002E_${id}`
  const acs = `https://${id}.test/SP2/ReturnPage`
  const logout = `https://${id}.test/SP2/LogoutPage`
  await register(idp, {
    ...{ id, name: `Agency ${id}`, home: `https://${id}.test/` },
    clave: { providerName, certificates: [keys.certificate.pem], acs: [acs], logout: [logout], ...clave },
    ...more,
  })
  const request = (content: Content = {}) =>
    authnRequest({
      ...{ id: newId(), issueInstant: now(), acsUrl: acs, providerName: `${providerName};Demo` },
      destination: issuer + claveDoor,
      ...content,
    })
  return {
    ...{ id, keys, acs },
    asks: (content, fields = {}) => ({ SAMLRequest: base64(signXml(request(content), keys)), ...fields }),
    asksByAddress: (content, relayState) =>
      redirectQuery(request(content), { key: keys.key, ...(relayState === undefined ? {} : { relayState }) }),
    leaves: (content = {}) => {
      const placed = { id: newId(), issueInstant: now(), destination: issuer + claveDoor, issuer: logout }
      return base64(
        signXml(logoutRequest({ ...placed, nameId: providerName, spNameQualifier: logout, ...content }), keys),
      )
    },
  }
}

/** An agency of the standard face, with a logout service by POST. */
export async function standardAgency(
  idp: Pick<IdentityProvider, 'relyingParties'>,
  more: Readonly<Record<string, unknown>> = {},
  { slo = 'post', extra = '' }: { readonly slo?: 'post' | 'redirect' | 'none'; readonly extra?: string } = {},
): Promise<SamlAgency & { readonly entityId: string; readonly slo: string }> {
  const keys = makeKeyPair()
  const id = `s${randomUUID().slice(0, 8)}`
  const entityId = `https://${id}.test/sp`
  const acs = `https://${id}.test/acs`
  const sloUrl = `https://${id}.test/slo`
  const der = keys.certificate.pem.replace(/-----[A-Z ]+-----|\s/g, '')
  const binding = slo === 'post' ? 'POST' : 'Redirect'
  const service =
    slo === 'none'
      ? ''
      : `<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-${binding}" Location="${sloUrl}"/>`
  const metadata = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"><SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${der}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>${service}<AssertionConsumerService index="0" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${acs}"/>${extra}</SPSSODescriptor></EntityDescriptor>`
  await register(idp, {
    ...{ id, name: `Agency ${id}`, home: `https://${id}.test/`, scopes: ['profile', 'document'] },
    saml: { metadata },
    ...more,
  })
  const request = (content: Content = {}) =>
    authnRequest({
      ...{ id: newId(), issueInstant: now(), acsUrl: acs, issuer: entityId, providerName: undefined },
      ...{ destination: `${issuer}/saml/sso`, requested: undefined },
      ...content,
    })
  return {
    ...{ id, keys, acs, entityId, slo: sloUrl },
    asks: (content, fields = {}) => ({ SAMLRequest: base64(signXml(request(content), keys)), ...fields }),
    asksByAddress: (content, relayState) =>
      redirectQuery(request(content), { key: keys.key, ...(relayState === undefined ? {} : { relayState }) }),
    leaves: (content = {}) => {
      const placed = { id: newId(), issueInstant: now(), destination: `${issuer}/saml/slo`, issuer: entityId }
      return base64(signXml(logoutRequest({ ...placed, spNameQualifier: undefined, ...content }), keys))
    },
  }
}

async function register({ relyingParties }: Pick<IdentityProvider, 'relyingParties'>, input: object): Promise<void> {
  const written = await relyingParties.register(input as Record<string, unknown>)
  if ('problems' in written) throw new Error(JSON.stringify(written.problems))
}

/** Sends a form to a door and goes where it leads. */
export async function sends(browser: Browser, door: string, fields: Record<string, string>): Promise<Page> {
  const first = await browser.postRaw(door, new URLSearchParams(fields).toString())
  return first.location ? browser.open(first.location) : first
}

/** The form by which a page answers an agency. */
export interface Answered {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

export function formOf(page: Pick<Page, 'body'>): Answered {
  const action = /<form method="post" action="([^"]*)" data-at-once>/.exec(page.body)?.[1]
  if (action === undefined) throw new Error(`no answer: ${/<h1[^>]*>([^<]*)</.exec(page.body)?.[1]} ${technical(page)}`)
  const inputs = [...page.body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
  return {
    action: text(action),
    fields: Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, text(value)] as const)),
  }
}

/** What a page says to the integrator. */
export const technical = (page: Pick<Page, 'body'>): string =>
  [...page.body.matchAll(/<code>([^<]*)<\/code>/g)].map(([, said]) => text(said ?? '')).join(' | ')

const text = (html: string): string =>
  html
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

/** What of a Response matters to a test, read by xmldom. */
export interface ReadResponse {
  readonly xml: string
  readonly root: Element
  readonly status: string
  readonly sub: string | undefined
  readonly message: string | undefined
  readonly inResponseTo: string | null
  readonly destination: string | null
  readonly nameId: string | undefined
  readonly nameIdFormat: string | null | undefined
  readonly audience: string | undefined
  readonly level: string | undefined
  readonly sessionIndex: string | null | undefined
  readonly attributes: Readonly<Record<string, string>>
}

export function responseOf({ fields }: Answered, field = 'SAMLResponse'): ReadResponse {
  const xml = Buffer.from(fields[field] ?? '', 'base64').toString()
  const root = new DOMParser().parseFromString(xml, 'text/xml').documentElement
  if (!root) throw new Error(`no response in ${Object.keys(fields).join(', ')}`)
  const all = (name: string) => [...root.getElementsByTagNameNS('*', name)]
  const one = (name: string) => all(name)[0]
  const last = (uri: string | null | undefined) => uri?.slice(uri.lastIndexOf(':') + 1)
  const [code, sub] = all('StatusCode').map((element) => last(element.getAttribute('Value')))
  return {
    ...{ xml, root, status: code ?? '', sub },
    message: one('StatusMessage')?.textContent ?? undefined,
    inResponseTo: root.getAttribute('InResponseTo'),
    destination: root.getAttribute('Destination'),
    nameId: one('NameID')?.textContent ?? undefined,
    nameIdFormat: one('NameID')?.getAttribute('Format'),
    audience: one('Audience')?.textContent ?? undefined,
    level: one('AuthnContextClassRef')?.textContent ?? undefined,
    sessionIndex: one('AuthnStatement')?.getAttribute('SessionIndex'),
    attributes: Object.fromEntries(
      all('Attribute').map((element) => [element.getAttribute('FriendlyName') ?? '', element.textContent ?? '']),
    ),
  }
}
