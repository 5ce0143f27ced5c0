/**
 * `npm run bench -- <name…> [--json]`: measures beside a peer in the same run. A ratio is always better when higher.
 * Prints a table, or with --json one object a line: {bench, unit, ours, peer, peer_name, ratio}.
 */
import { parseArgs } from 'node:util'

export interface Row {
  readonly bench: string
  readonly unit: string
  readonly ours: number
  readonly peer: number
  readonly peer_name: string
  readonly ratio: number
}

const benches: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  'login-pin': async () => (await import('./login.ts')).loginPin(),
  'login-permanente': async () => (await import('./login.ts')).loginPermanente(),
  'login-saml': async () => (await import('./login-saml.ts')).loginSaml(),
  movil: async () => (await import('./movil.ts')).movil(),
  audit: async () => (await import('./audit.ts')).audit(),
  population: async () => (await import('./population-size.ts')).populationSize(),
  enumeration: async () => (await import('./enumeration.ts')).enumeration(),
  'saml-verify': async () => (await import('./saml-verify.ts')).samlVerify(),
  'saml-response': async () => (await import('./saml-response.ts')).samlResponse(),
  'saml-encrypted': async () => (await import('./saml-response.ts')).samlEncrypted(),
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  })
  const unknown = positionals.find((name) => !Object.hasOwn(benches, name))
  if (positionals.length === 0 || unknown !== undefined) {
    console.error(
      `${unknown === undefined ? '' : `There is no bench "${unknown}". `}npm run bench -- <name…> [--json]; names: ${Object.keys(benches).join(', ')}`,
    )
    return 2
  }
  for (const name of positionals) {
    for (const row of await benches[name]!())
      console.log(values.json ? JSON.stringify(rounded(row)) : line(rounded(row)))
  }
  return 0
}

const round = (value: number) => Math.round(value * 1000) / 1000
const rounded = (row: Row): Row => ({ ...row, ours: round(row.ours), peer: round(row.peer), ratio: round(row.ratio) })

const line = ({ bench, unit, ours, peer, peer_name, ratio }: Row): string =>
  `${bench.padEnd(17)} ${String(ours).padStart(9)} ${unit}; ${peer_name} ${peer}; ratio ${ratio}`

process.exitCode = await main(process.argv.slice(2))
