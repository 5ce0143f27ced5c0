import type { TextDetails } from '../../platform/index.ts'
import { refusalRow, type Refusal, type RefusalCode } from '../../refusal/index.ts'

/** What is looked at, one after another; each has its texts in locales/<language>/sandbox.json under `saml`. */
export type Step =
  | 'decoding'
  | 'sending'
  | 'xml'
  | 'kind'
  | 'who'
  | 'schema'
  | 'signature'
  | 'certificate'
  | 'metadata'
  | 'destination'
  | 'time'
  | 'returnAddress'
  | 'relayState'
  | 'spType'
  | 'binding'
  | 'attributes'
  | 'nameId'
  | 'level'
  | 'methods'
  | 'issuer'
  | 'status'
  | 'assertion'
  | 'audience'
  | 'door'

/** One step: `bad` is what a strict peer objects to, `note` what it only has to know. */
export interface Finding {
  readonly step: Step
  readonly verdict: 'good' | 'bad' | 'note'
  /** Which of the step's texts says it; a `bad` one without it has `reason` alone. */
  readonly say?: string
  readonly details?: TextDetails
  /** One English sentence for the integrator. */
  readonly reason?: string
  /** The code with which the message would be refused. */
  readonly code?: RefusalCode
}

export const good = (step: Step, details: TextDetails = {}, say = 'good'): Finding => ({
  ...{ step, verdict: 'good', say, details },
})
export const note = (step: Step, say: string, details: TextDetails = {}): Finding => ({
  ...{ step, verdict: 'note', say, details },
})
export const bad = (step: Step, reason: string, code?: RefusalCode): Finding => ({
  ...{ step, verdict: 'bad', reason },
  ...(code ? { code } : {}),
})

export const refusedAt = (step: Step, { refused, details }: Refusal): Finding =>
  bad(step, String(details?.['reason'] ?? refusalRow(refused).cause), refused)

/** Good where nothing is refused. */
export const judged = (step: Step, refused: Refusal | undefined, details: TextDetails = {}): Finding =>
  refused ? refusedAt(step, refused) : good(step, details)

/** As {@link judged}; of what was left out (`undefined`) the text `none` speaks. */
export function told(
  step: Step,
  refused: Refusal | undefined,
  details: Readonly<Record<string, string | number | undefined>>,
): Finding {
  if (refused) return refusedAt(step, refused)
  const said = Object.entries(details).filter((entry): entry is [string, string | number] => entry[1] !== undefined)
  return good(step, Object.fromEntries(said), said.length < Object.keys(details).length ? 'none' : 'good')
}
