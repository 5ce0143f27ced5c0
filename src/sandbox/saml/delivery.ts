import { attributeOf, type XmlElement } from '../../platform/index.ts'
import {
  doors,
  logoutFields,
  ns,
  senderName,
  splitProviderName,
  type Face,
  type MessageKind,
} from '../../saml/index.ts'
import type { ExaminerParts } from './examination.ts'
import type { Pasted } from './paste.ts'
import type { Delivery } from './rehearsal.ts'
import { childOf } from './tree.ts'

/** What a message says of its sender, as anybody can have written it. */
export interface Names {
  readonly providerName: string | undefined
  readonly issuer: string | undefined
  readonly nameId: string | undefined
  readonly certificate?: string | undefined
}

export function namesIn(root: XmlElement): Names {
  const text = (name: string) =>
    root.children.find((one) => one.name === name && one.namespace === ns.assertion)?.text.trim()
  return { providerName: attributeOf(root, 'ProviderName'), issuer: text('Issuer'), nameId: text('NameID') }
}

/** Which of our faces it was sent to: where the address, the field or Destination says so, else the one its sender is known at. */
export async function faceOf(
  { relyingParties }: ExaminerParts,
  { path, field }: Pasted,
  root: XmlElement,
  names: Names,
): Promise<Face> {
  const destination = attributeOf(root, 'Destination') ?? ''
  if (field !== undefined && field in logoutFields) return 'clave'
  for (const where of [path ?? '', destination]) {
    if (where.endsWith(doors.clave)) return 'clave'
    if (where.endsWith(doors.sso) || where.endsWith(doors.slo)) return 'standard'
  }
  const provider = splitProviderName(names.nameId ?? '').name
  for (const name of [senderName('clave', names), names.issuer, provider].filter((one) => one !== undefined)) {
    const found = await relyingParties.findBySamlName(name)
    if (found) return found.saml.face
  }
  return childOf(root, 'NameID') || names.providerName !== undefined ? 'clave' : 'standard'
}

export function doorOf(kind: MessageKind, face: Face): string {
  if (face === 'clave') return doors.clave
  return kind === 'AuthnRequest' ? doors.sso : doors.slo
}

/** The fields that take such a message at such a door; the first is what people usually mean. */
export function fieldsFor(kind: MessageKind, face: Face): readonly [string, ...string[]] {
  if (kind === 'LogoutResponse') return ['SAMLResponse']
  if (kind === 'AuthnRequest' || face === 'standard') return ['SAMLRequest']
  return Object.keys(logoutFields) as [string, ...string[]]
}

/** As it was pasted; where that names no field, in the right one. */
export function asSent(pasted: Pasted, kind: MessageKind, face: Face): Delivery {
  const { query, path, fields } = pasted
  const door = [doors.clave, doors.sso, doors.slo].find((one) => one === path)
  if (query !== undefined) return { path: door ?? doorOf(kind, face), query }
  return fields ? { path: doorOf(kind, face), form: fields } : inItsField(pasted, kind, face)
}

export function inItsField({ sent, relayState }: Pasted, kind: MessageKind, face: Face): Delivery {
  const form = { [fieldsFor(kind, face)[0]]: sent, ...(relayState === undefined ? {} : { RelayState: relayState }) }
  return { path: doorOf(kind, face), form }
}
