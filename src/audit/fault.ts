import { doubts } from './seal-events.ts'

interface Row {
  readonly row: number
  readonly batch: number
}
interface One {
  readonly batch: number
}
interface Several {
  readonly from: number
  readonly to: number
}

/** What a verifier may find wrong, and the numbers of the rows and batches that it names. */
interface Faults {
  'row-changed': Row
  'row-missing': Row
  'row-reordered': Row & { readonly holds: number }
  'row-added': { readonly row: number }
  'batches-missing': Several
  'end-cut': Several
  'batch-changed': One
  'link-broken': One
  'key-unknown': One
  'signature-wrong': One
  'key-not-ours': One
  'start-cut': One
  'head-differs': One
  'anchor-differs': One
  'anchor-missing': One
  'sealed-in-doubt': One & { readonly doubt: string }
}
export type AuditFault = { [Name in keyof Faults]: { readonly fault: Name } & Faults[Name] }[keyof Faults]

const sentences: { readonly [Name in keyof Faults]: (details: Faults[Name]) => string } = {
  'row-changed': ({ row, batch }) => `Row ${row} (batch ${batch}) was changed after it was sealed.`,
  'row-missing': ({ row, batch }) => `Row ${row} (batch ${batch}) is missing.`,
  'row-reordered': ({ row, batch, holds }) =>
    `Row ${row} (batch ${batch}) was reordered: it holds what row ${holds} held.`,
  'row-added': ({ row }) => `Row ${row} was added behind the chain: no batch holds it and it does not wait for one.`,
  'batches-missing': ({ from, to }) => `${batches(from, to)} missing.`,
  'end-cut': ({ from, to }) => `The end was cut off: ${batches(from, to)} missing, which the head of the chain names.`,
  'batch-changed': ({ batch }) => `Batch ${batch} was changed: it is not what its hash says.`,
  'link-broken': ({ batch }) =>
    `The link is broken at batch ${batch}: it was made after another batch than the one before it.`,
  'key-unknown': ({ batch }) => `Batch ${batch} names a signing key that nobody kept.`,
  'signature-wrong': ({ batch }) => `The signature of batch ${batch} is wrong.`,
  'key-not-ours': ({ batch }) => `Batch ${batch}, the last, is signed by a key that is none of this installation's.`,
  'start-cut': ({ batch }) =>
    `The chain begins at batch ${batch}, and nothing in it says that it was shortened to there.`,
  'head-differs': ({ batch }) => `The head of the chain names another end than batch ${batch}, the last.`,
  'anchor-differs': ({ batch }) => `Batch ${batch} is not the one of the anchor: the chain was made anew.`,
  'anchor-missing': ({ batch }) =>
    `Batch ${batch} of the anchor is not there: the end was cut off, or the chain shortened.`,
  'sealed-in-doubt': ({ batch, doubt }) =>
    `The sealer of batch ${batch} found that ${Object.hasOwn(doubts, doubt) ? doubts[doubt as keyof typeof doubts] : doubt}.`,
}

const batches = (from: number, to: number): string =>
  from === to ? `batch ${from} is` : `batches ${from} to ${to} are`

/** One fault as a sentence. */
export function sayFault(fault: AuditFault): string {
  const said = (sentences[fault.fault] as (details: AuditFault) => string)(fault)
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}`
}
