import type { Clock, Random } from '../../platform/index.ts'
import type { SamlDemoAgency } from './agency.ts'
import type { AgencyClient, Step, Wishes } from './client.ts'
import type { SamlDealings, SamlNames } from './saml-dealings.ts'
import { certificateText, makeSamlKeys, type SamlKeys } from './saml-keys.ts'
import { authnRequest, logoutRequest, spMetadata } from './saml-messages.ts'
import { makeSamlPeer } from './saml-peer.ts'
import { samlRoutes } from './saml-routes.ts'
import { newId, send } from './saml-send.ts'
import { askedBy, samlWishNames } from './saml-wishes.ts'
import { Waiting, type AgencyError, type AgencySession } from './visitors.ts'

export interface SamlClientParts {
  readonly agency: SamlDemoAgency
  readonly issuer: string
  /** Where this agency is reached, e.g. http://127.0.0.1:8090/sepe. */
  readonly base: string
  readonly clock: Clock
  readonly random: Random
  readonly register: (input: Readonly<Record<string, unknown>>) => Promise<unknown>
}

/** A SAML service provider put together of samlify's parts. */
export async function makeSamlClient(parts: SamlClientParts): Promise<AgencyClient> {
  const { agency, issuer, base, clock, random } = parts
  const keys = await makeSamlKeys(`${agency.name} (demo)`, clock.wire())
  const names = namesOf(agency, base, keys)
  await parts.register(registrationOf(agency, names, keys))
  const peer = makeSamlPeer({ agency, issuer, keys })
  const dealings: SamlDealings = {
    ...{ agency, clock, random, keys, peer, names },
    logins: new Waiting(),
    logouts: new Waiting(),
    arrivals: new Waiting(),
  }
  return {
    wishNames: samlWishNames,
    begin: (visitor, wishes) => begin(dealings, visitor.id, wishes),
    logout: (session, wishes) => logout(dealings, session, wishes),
    routes: (app, desk) => samlRoutes(app, desk, dealings),
    reset() {
      dealings.logins.clear()
      dealings.logouts.clear()
      dealings.arrivals.clear()
    },
  }
}

/** A browser that came by "localhost" comes back there. */
const alsoByName = (address: string): string[] => [address, address.replace('//127.0.0.1', '//localhost')]

function namesOf(agency: SamlDemoAgency, base: string, { certificate }: SamlKeys): SamlNames {
  // Not an address of this start: an application keeps its entityID when its port is another one.
  const entityId = `https://${agency.id}.example/saml`
  const acs = `${base}/acs`
  const slo = `${base}/slo`
  const metadata = spMetadata({
    ...{ entityId, slo },
    certificate: certificateText(certificate),
    acs: alsoByName(acs),
    name: agency.name,
  })
  return { entityId, acs, logoutReturn: agency.face === 'clave' ? `${base}/logout-return` : slo, metadata }
}

function registrationOf(agency: SamlDemoAgency, { acs, logoutReturn, metadata }: SamlNames, { certificate }: SamlKeys) {
  if (agency.face === 'standard') return { saml: { metadata } }
  const [providerName] = agency.providerName.split(';')
  return {
    clave: {
      providerName,
      certificates: [certificate],
      acs: alsoByName(acs),
      logout: alsoByName(logoutReturn),
    },
  }
}

async function begin(dealings: SamlDealings, visitor: string, wishes: Wishes): Promise<Step | AgencyError> {
  const { agency, clock, random, names, logins } = dealings
  const peer = await dealings.peer.known()
  const asked = askedBy(wishes, agency.leastLevel)
  const [id, relayState] = [newId(random), asked.relayState ?? random.token(16)]
  const at = clock.wire()
  const clave = agency.face === 'clave'
  const xml = authnRequest({
    ...{ id, at, asked },
    destination: peer.sso,
    acs: names.acs,
    providerName: agency.providerName,
    issuer: clave ? undefined : names.entityId,
    relayState: clave ? relayState : undefined,
  })
  logins.put(id, { visitor, asked, relayState, at })
  const binding = clave ? 'post' : (wishes['binding'] ?? 'redirect')
  return send(dealings, { field: 'SAMLRequest', address: peer.sso, xml, relayState, binding })
}

async function logout(dealings: SamlDealings, session: AgencySession | undefined, wishes: Wishes): Promise<Step> {
  const { agency, clock, random, names, logouts } = dealings
  const peer = await dealings.peer.known()
  const [id, relayState] = [newId(random), random.token(16)]
  const message = { id, at: clock.wire(), destination: peer.slo }
  logouts.put(id, { relayState })
  if (agency.face === 'clave') {
    const [nameId = ''] = agency.providerName.split(';')
    const { logoutReturn } = names
    const xml = logoutRequest({ ...message, issuer: logoutReturn, nameId, spNameQualifier: logoutReturn })
    return send(dealings, { field: 'logoutRequest', address: peer.slo, xml, relayState, binding: 'post' })
  }
  const told = session?.told ?? {}
  const text = (name: string) => (typeof told[name] === 'string' ? told[name] : undefined)
  const xml = logoutRequest({
    ...message,
    issuer: names.entityId,
    nameId: text('name_id') ?? 'nobody',
    format: text('name_id_format'),
    nameQualifier: text('name_qualifier'),
    spNameQualifier: text('sp_name_qualifier'),
    sessionIndex: text('session_index'),
  })
  return send(dealings, {
    field: 'SAMLRequest',
    address: peer.slo,
    xml,
    relayState,
    binding: wishes['binding'] ?? 'redirect',
  })
}
