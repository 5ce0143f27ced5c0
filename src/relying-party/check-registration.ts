import { loas, methodNames, type Loa, type MethodName } from '../citizen/index.ts'
import { faultOfWebAddress, type AddressRules } from './check-address.ts'
import type { SamlRules } from './check-fields.ts'
import { isRecord } from './check-jwks.ts'
import { checkMetadata, problem, type CheckedMetadata, type RelyingPartyProblem } from './check-metadata.ts'
import { checkClave, checkSaml, type CheckedSaml } from './check-saml.ts'
import { scopes, type Scope } from './relying-party.ts'

/**
 * A relying party as it is registered or changed: JSON from outside, checked here and nowhere else.
 * `level`: the least level, default low; `scopes`: default none beside `openid` (or the words of `oidc.scope`);
 * `sector`: the public body, default a body of its own; `name`: default `oidc.client_name`, else the host it returns to.
 * One of `oidc` (client metadata), `clave` (the real gateway's profile: providerName, certificates, acs; logout, aliases,
 * encryption, redirectBinding, logoutIssuer) and `saml` (metadata, or metadataUrl, beside them signedBy, attributeNames,
 * encryption; or by hand entityId, certificates, acs; slo, encryption, redirectBinding, attributeNames).
 */
export type RelyingPartyInput = Readonly<Record<string, unknown>>

/** What passed the checks; absent: not said. */
export interface CheckedInput {
  readonly id?: string
  readonly name?: string
  readonly sector?: string
  readonly level?: Loa
  readonly scopes?: readonly Scope[]
  readonly home?: string
  readonly excluded?: readonly MethodName[]
  readonly oidc?: CheckedMetadata
  readonly saml?: CheckedSaml
}

type Check = (value: unknown, rules: Pick<AddressRules, 'allowHttp'>) => string | undefined

const shortText: Check = (value) =>
  typeof value === 'string' && /^[^\p{C}\p{Z}]([^\p{C}]{0,198}[^\p{C}\p{Z}])?$/u.test(value)
    ? undefined
    : 'must be a text of 1 to 200 characters without line breaks or spaces around it'

const listOf =
  (known: readonly string[]): Check =>
  (value) => {
    const unknown = Array.isArray(value) ? value.filter((one) => !known.includes(one as string)) : undefined
    if (!unknown) return `must be a list of ${known.join(', ')}`
    return unknown.length === 0 ? undefined : `knows no ${unknown.map(String).join(', ')}; known: ${known.join(', ')}`
  }

const fields: Readonly<Record<Exclude<keyof CheckedInput, 'oidc' | 'saml'>, Check>> = {
  id: (value) =>
    typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$/.test(value)
      ? undefined
      : 'must be 2 to 64 letters, digits, dots, dashes or underscores, the first a letter or digit',
  name: shortText,
  sector: shortText,
  level: (value) => (loas.includes(value as Loa) ? undefined : `must be one of ${loas.join(', ')}`),
  scopes: listOf(['openid', ...scopes]),
  home: faultOfWebAddress,
  excluded: listOf(methodNames),
}

const protocols = ['oidc', 'clave', 'saml'] as const

export function checkInput(
  input: RelyingPartyInput,
  rules: SamlRules,
): CheckedInput | { readonly problems: readonly RelyingPartyProblem[] } {
  const { oidc: _oidc, clave: _clave, saml: _saml, ...said } = withMetadataNames(input)
  const problems = Object.entries(said).flatMap(([field, value]) => {
    const fault = Object.hasOwn(fields, field)
      ? fields[field as keyof typeof fields](value, rules)
      : `is not known here; known: ${[...Object.keys(fields), ...protocols].join(', ')}`
    return fault ? [problem(field, fault)] : []
  })
  const spoken = checkProtocol(input, rules)
  if ('problems' in spoken) return { problems: [...problems, ...spoken.problems] }
  if (problems.length > 0) return { problems }
  const { scopes: asked, ...rest } = said as Omit<CheckedInput, 'oidc' | 'saml'>
  return { ...rest, ...(asked && { scopes: scopes.filter((scope) => asked.includes(scope)) }), ...spoken }
}

function checkProtocol(
  input: RelyingPartyInput,
  rules: SamlRules,
): Pick<CheckedInput, 'oidc' | 'saml'> | { readonly problems: readonly RelyingPartyProblem[] } {
  const [protocol, second] = protocols.filter((one) => input[one] !== undefined)
  if (protocol === undefined) return {}
  if (second !== undefined)
    return { problems: [problem(second, `must not stand beside ${protocol}: a relying party speaks one protocol`)] }
  if (protocol === 'oidc') {
    const oidc = checkMetadata(input['oidc'], rules)
    return 'problems' in oidc ? oidc : { oidc }
  }
  const saml = (protocol === 'clave' ? checkClave : checkSaml)(input[protocol], rules)
  return 'problems' in saml ? saml : { saml }
}

/** What OIDC's metadata say of fields that are the relying party's own, where these are not given themselves. */
function withMetadataNames(input: RelyingPartyInput): Record<string, unknown> {
  const oidc = isRecord(input['oidc']) ? input['oidc'] : {}
  const { client_id: id, client_name: name, client_uri: home, scope } = oidc
  const words = typeof scope === 'string' ? scope.split(' ').filter((word) => word !== '') : undefined
  const said = Object.entries({ id, name, home, scopes: words }).filter(([field]) => input[field] === undefined)
  const all = [...Object.entries(input), ...said]
  return Object.fromEntries(all.filter(([, value]) => value !== undefined))
}
