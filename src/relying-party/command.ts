import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { NotWritten, RelyingParties, Written } from './relying-parties.ts'

/** What the command says of itself, for `clave rp` and where it was called wrongly. */
export const relyingPartyUsage = `clave rp list
clave rp add [id] --name NAME [--sector BODY] [--level low|substantial|high] [--scopes profile,document,…]
             [--home URL] [--excluded pin,…] --oidc FILE
clave rp change ID [the same options] [--new-secret]

FILE holds the OIDC client metadata as JSON (RFC 7591); - reads it from the standard input.
A client secret is printed once and cannot be read again.
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
    for (const one of await relyingParties.list()) out(`${one.id}\t${one.leastLevel}\t${one.sector}\t${one.name}\n`)
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

/** The input of the registry, or why it cannot be read. */
async function inputOf(id: string | undefined, values: Values): Promise<Record<string, unknown> | string> {
  const { scopes, excluded, oidc: file, 'new-secret': _, ...texts } = values
  const list = (text: string) => text.split(',').filter((word) => word !== '')
  const input: Record<string, unknown> = { ...texts }
  if (id !== undefined) input['id'] = id
  if (scopes !== undefined) input['scopes'] = list(scopes)
  if (excluded !== undefined) input['excluded'] = list(excluded)
  if (file === undefined) return input
  try {
    return { ...input, oidc: JSON.parse(await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')) as unknown }
  } catch (wrong) {
    return `${file} cannot be read as JSON: ${(wrong as Error).message}`
  }
}

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
  const answer = { id: relyingParty.id, client_id: relyingParty.oidc?.client_id, client_secret: clientSecret }
  out(`${JSON.stringify(answer, undefined, 2)}\n`)
  return 0
}
