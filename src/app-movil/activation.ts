import {
  beginActivation,
  confirmActivation,
  isProblems,
  readIdentity,
  sendAnotherCode,
  type ActivationBegun,
} from '../authentication/index.ts'
import type { TextKey } from '../platform/index.ts'
import { isRefusal, type Refusal, type RefusalCode } from '../refusal/index.ts'
import { open, type Answer, type Endpoint } from './endpoint.ts'
import { answers, bodies } from './schemas.ts'

/** What the rules say of a citizen before there is a phone. */
const ofCitizen: readonly RefusalCode[] = [
  'CITIZEN-02-too-many-tries',
  'CITIZEN-03-not-registered',
  'CITIZEN-04-renounced',
  'CITIZEN-05-deceased',
  'CITIZEN-06-minor',
  'CITIZEN-07-method-blocked',
  'PIN-04-no-phone',
]

const sent = (begun: ActivationBegun | Refusal, status: 200 | 201): Answer =>
  isRefusal(begun) ? begun : { status, body: begun }

const begin = open({
  method: 'POST',
  path: '/activation',
  summary: 'Begins an activation: a code goes to the mobile phone on record.',
  description: 'Until the contrast is right the answer is the same whoever, and whether anybody, has the document.',
  body: bodies.activation,
  answers: { 201: { what: 'A code was sent.', schema: answers.begun } },
  refused: ['CITIZEN-01-not-recognised', ...ofCitizen, 'CODE-03-too-many', 'BUSY-01-try-again'],
  async answer({ parts, caller, body }) {
    const claim = readIdentity(body)
    if (!isProblems(claim)) return sent(await beginActivation(parts, claim, caller), 201)
    const [{ field, text } = { field: 'document', text: '' }] = claim
    return { field, detail: parts.i18n.translator(caller.locale)(text as TextKey) }
  },
})

const another = open({
  method: 'POST',
  path: '/activation/code',
  summary: 'Sends another code; the one before is dead.',
  body: bodies.activationCode,
  answers: { 200: { what: 'Another code was sent.', schema: answers.begun } },
  refused: ['CODE-02-dead', 'CODE-03-too-many', ...ofCitizen],
  answer: async ({ parts, caller, body }) => sent(await sendAnotherCode(parts, body.activation, caller), 200),
})

const confirm = open({
  method: 'POST',
  path: '/activation/confirm',
  summary: 'Makes this the citizen’s phone; a former one is none from then on.',
  description: 'Within 15 minutes of it the phone may add its own unlock, without which it reaches the level low only.',
  body: bodies.activationConfirm,
  answers: { 201: { what: 'The phone is active.', schema: answers.activated } },
  refused: ['CODE-01-wrong', 'CODE-02-dead', 'MOVIL-02-not-genuine', ...ofCitizen],
  async answer({ parts, caller, body }) {
    const activated = await confirmActivation(parts, body, caller)
    return isRefusal(activated) ? activated : { status: 201, body: activated }
  },
})

export const activationEndpoints: readonly Endpoint[] = [begin, another, confirm]
