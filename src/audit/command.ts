import { parseArgs } from 'node:util'
import type { Clock, Db } from '../platform/index.ts'
import { readAnchor, type End } from './batch.ts'
import { sayFault } from './fault.ts'
import { shortenAudit, shorteningSql, yearsKept } from './shorten-audit.ts'
import { verifyAudit, type Verified } from './verify-audit.ts'

export const auditUsage = `clave audit verify [--anchor BATCH:HASH …] [--json]
clave audit shorten --before YYYY-MM-DD

verify   Reads the whole chain and every row, and names what is not as it was sealed: rows changed, missing, added or
         reordered, batches changed or missing, broken links, wrong signatures, an end cut off. Says how many rows are
         not sealed yet. An anchor is the end of the chain as the log told it ("audit sealed"): kept elsewhere, it shows
         an end that was cut off without a trace. Exit code 0: nothing wrong; 1: faults; 2: called wrongly.
shorten  Says in the audit that what was sealed before that day (${yearsKept} years ago or more) is given up, and prints the SQL
         with which the owner of the database removes it. See docs/runbooks/audit.md.
`

export interface AuditCommandParts {
  readonly db: Db
  readonly clock: Clock
  readonly isOurs: (kid: string) => boolean
}

export interface CommandOutput {
  out(text: string): void
  error(text: string): void
}

type Called =
  | { readonly act: 'verify'; readonly anchors: readonly End[]; readonly json: boolean }
  | { readonly act: 'shorten'; readonly before: Date }

/** The arguments after `audit`; what is wrong with them, as a sentence. */
export function readAuditCall(args: readonly string[]): Called | string {
  const options = {
    anchor: { type: 'string', multiple: true },
    json: { type: 'boolean' },
    before: { type: 'string' },
  } as const
  let called: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>
  try {
    called = parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (wrong) {
    return (wrong as Error).message
  }
  const { values, positionals } = called
  const [act] = positionals
  if (positionals.length !== 1 || (act !== 'verify' && act !== 'shorten')) return 'Say what to do: verify or shorten.'
  if (act === 'shorten') {
    const before = new Date(`${values.before}T00:00:00Z`)
    return /^\d{4}-\d\d-\d\d$/.test(values.before ?? '') && !Number.isNaN(before.getTime())
      ? { act, before }
      : '--before wants a day: 2024-01-31.'
  }
  const anchors = (values.anchor ?? []).map((text) => readAnchor(text))
  if (!anchors.every((anchor) => anchor !== undefined))
    return 'An anchor is the number of a batch, a colon and its hash.'
  return { act, anchors, json: values.json === true }
}

/** Answers the exit code: 0 fine, 1 faults or refused. */
export async function runAuditCommand(
  parts: AuditCommandParts,
  called: Called,
  { out, error }: CommandOutput,
): Promise<number> {
  if (called.act === 'verify') {
    const verified = await verifyAudit(parts, { anchors: called.anchors })
    out(called.json ? `${JSON.stringify(verified)}\n` : sayVerified(verified))
    return verified.faults.length === 0 ? 0 : 1
  }
  const batch = await shortenAudit(parts, called.before)
  if (batch === 'too-young') {
    error(`The last ${yearsKept} years must be kept: citizens see them.\n`)
    return 1
  }
  if (!batch) {
    error('Nothing was sealed before that day.\n')
    return 1
  }
  out(`-- Sealed up to batch ${batch.seq}. As the owner of the database:\n${shorteningSql(batch)}`)
  return 0
}

function sayVerified({ batches, rows, unsealed, anchor, givenUp, faults, more }: Verified): string {
  const lines = [
    `${rows} rows in ${batches} batches; ${unsealed} rows are not sealed yet.`,
    ...(givenUp > 0 ? [`The first ${givenUp} batches were given up.`] : []),
    ...(anchor === undefined ? [] : [`The chain ends at ${anchor}`]),
    ...faults.map((fault) => sayFault(fault)),
    ...(more > 0 ? [`… and ${more} more.`] : []),
    faults.length === 0 ? 'Nothing is wrong.' : `${faults.length + more} faults.`,
  ]
  return `${lines.join('\n')}\n`
}
