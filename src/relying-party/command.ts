import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { NotWritten, Written } from './compose.ts'
import type { RelyingParties } from './relying-parties.ts'
import type { RelyingParty } from './relying-party.ts'

/** What the command says of itself, for `clave rp` and where it was called wrongly. */
export const relyingPartyUsage = `clave rp list
clave rp add [id] --name NAME [--sector BODY] [--level low|substantial|high] [--scopes profile,document,…]
             [--home URL] [--excluded pin,…] one of:
             --oidc FILE           OIDC client metadata as JSON (RFC 7591)
             --clave FILE          the real gateway's profile as JSON: providerName, certificates (PEM), acs,
                                   logout, aliases, encryption, redirectBinding, logoutIssuer
             --saml FILE           standard SAML by hand as JSON: entityId, certificates (PEM), acs, slo,
                                   encryption, redirectBinding, attributeNames
             --saml-metadata FILE  standard SAML from the application's metadata (XML)
             --saml-url URL        the same, read again by schedule: signed, and with a validUntil
             with both: [--signed-by FINGERPRINT,…] [--attribute-names eidas|oid]
clave rp change ID [the same options] [--new-secret]

FILE may be - for the standard input. --signed-by names the certificates (SHA-256, hex) whose key may sign the metadata;
without it whoever signed the first ones. A client secret is printed once and cannot be read again.
list tells id, least level, protocol, sector and name.
`

export interface CommandOutput {
  out(text: string): void
  error(text: string): void
}

const options = {
  name: { type: 'string' },
  sector: { type: 'string' },
  level: { type: 'string' },
  scopes: { type: 'string' },
  home: { type: 'string' },
  excluded: { type: 'string' },
  oidc: { type: 'string' },
  clave: { type: 'string' },
  saml: { type: 'string' },
  'saml-metadata': { type: 'string' },
  'saml-url': { type: 'string' },
  'signed-by': { type: 'string' },
  'attribute-names': { type: 'string' },
  'new-secret': { type: 'boolean' },
} as const

/** `clave rp …`; the arguments after `rp`. Answers the exit code: 0, 1 (refused), 2 (called wrongly). */
export async function runRelyingPartyCommand(
  relyingParties: RelyingParties,
  args: readonly string[],
  { out, error }: CommandOutput,
): Promise<number> {
  const called = parse(args)
  if (typeof called === 'string') {
    error(`${called}\n\n${relyingPartyUsage}`)
    return 2
  }
  const { act, id, values } = called
  if (act === 'list') {
    for (const one of await relyingParties.list())
      out(`${one.id}\t${one.leastLevel}\t${protocolOf(one)}\t${one.sector}\t${one.name}\n`)
    return 0
  }
  const input = await inputOf(act === 'add' ? id : undefined, values)
  if (typeof input === 'string') {
    error(`${input}\n`)
    return 1
  }
  const written =
    act === 'add'
      ? await relyingParties.register(input)
      : await relyingParties.change(id ?? '', input, { newSecret: values['new-secret'] === true })
  return say(written, { out, error })
}

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

function parse(
  args: readonly string[],
): { act: 'list' | 'add' | 'change'; id: string | undefined; values: Values } | string {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const [act, id, ...rest] = positionals
    if (act !== 'list' && act !== 'add' && act !== 'change') return `There is no "clave rp ${act ?? ''}".`
    if (rest.length > 0 || (act === 'list' && id !== undefined)) return `"clave rp ${act}" takes no more names.`
    if (act === 'change' && id === undefined) return '"clave rp change" needs the id of a relying party.'
    return { act, id, values }
  } catch (wrong) {
    return (wrong as Error).message
  }
}

/** As in the options: `oidc`, `clave`, `saml`; a dash where it speaks none yet. */
function protocolOf({ oidc, saml }: RelyingParty): string {
  if (saml) return saml.face === 'clave' ? 'clave' : 'saml'
  return oidc ? 'oidc' : '-'
}

/** The input of the registry, or why it cannot be read. */
async function inputOf(id: string | undefined, values: Values): Promise<Record<string, unknown> | string> {
  const { name, sector, level, scopes, home, excluded } = values
  const said = {
    ...{ id, name, sector, level, home },
    ...{ scopes: scopes === undefined ? undefined : list(scopes) },
    ...{ excluded: excluded === undefined ? undefined : list(excluded) },
  }
  const input = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
  const spoken = await protocolsIn(values)
  return typeof spoken === 'string' ? spoken : { ...input, ...spoken }
}

const list = (text: string): string[] => text.split(',').filter((word) => word !== '')

/** What each option that stands for a protocol says; whether they go together is the registry's to say. */
async function protocolsIn(values: Values): Promise<Record<string, unknown> | string> {
  const input: Record<string, unknown> = {}
  for (const protocol of ['oidc', 'clave', 'saml'] as const) {
    const file = values[protocol]
    if (file === undefined) continue
    try {
      input[protocol] = JSON.parse(await contentOf(file)) as unknown
    } catch (wrong) {
      return `${file} cannot be read as JSON: ${(wrong as Error).message}`
    }
  }
  const { 'saml-metadata': file, 'saml-url': metadataUrl, 'signed-by': signers, 'attribute-names': names } = values
  const beside = { metadataUrl, signedBy: signers === undefined ? undefined : list(signers), attributeNames: names }
  const said = Object.fromEntries(Object.entries(beside).filter(([, value]) => value !== undefined))
  if (file === undefined && Object.keys(said).length === 0) return input
  try {
    const metadata = file === undefined ? {} : { metadata: await contentOf(file) }
    return { ...input, saml: { ...(input['saml'] as object | undefined), ...said, ...metadata } }
  } catch (wrong) {
    return `${file} cannot be read: ${(wrong as Error).message}`
  }
}

const contentOf = (file: string): Promise<string> => readFile(file === '-' ? '/dev/stdin' : file, 'utf8')

function say(written: Written | NotWritten | undefined, { out, error }: CommandOutput): number {
  if (!written) {
    error('There is no such relying party.\n')
    return 1
  }
  if ('problems' in written) {
    for (const { detail } of written.problems) error(`${detail}\n`)
    return 1
  }
  const { relyingParty, clientSecret } = written
  const { id, oidc, saml } = relyingParty
  const answer = { id, client_id: oidc?.client_id, client_secret: clientSecret, saml_name: saml?.name }
  out(`${JSON.stringify(answer, undefined, 2)}\n`)
  return 0
}
