import { beginUnlock, confirmUnlock } from '../authentication/index.ts'
import { isRefusal } from '../refusal/index.ts'
import { signed, type Endpoint } from './endpoint.ts'
import { answers, bodies } from './schemas.ts'

const begin = signed({
  method: 'POST',
  path: '/phone/unlock',
  summary: 'What the phone makes the credential of its own unlock with.',
  description: 'For `navigator.credentials.create()`; a platform authenticator that verifies its user.',
  answers: { 200: { what: 'Options, good for 15 minutes.', schema: answers.unlock } },
  refused: ['MOVIL-01-gone'],
  async answer({ parts, call }) {
    const options = await beginUnlock(parts, call)
    return isRefusal(options) ? options : { status: 200, body: options }
  },
})

const confirm = signed({
  method: 'PUT',
  path: '/phone/unlock',
  summary: 'Keeps that credential: from now on this phone reaches what its registration does.',
  body: bodies.unlock,
  answers: { 204: { what: 'Kept.' } },
  refused: ['MOVIL-01-gone', 'MOVIL-02-not-genuine'],
  async answer({ parts, call, body }) {
    const kept = await confirmUnlock(parts, call, body.credential)
    return isRefusal(kept) ? kept : { status: 204 }
  },
})

export const unlockEndpoints: readonly Endpoint[] = [begin, confirm]
