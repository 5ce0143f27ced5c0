import { decideRequest, openPending, openScanned } from '../authentication/index.ts'
import { isRefusal } from '../refusal/index.ts'
import { signed, type Endpoint } from './endpoint.ts'
import { answers, bodies } from './schemas.ts'

const pending = signed({
  method: 'GET',
  path: '/request',
  summary: 'The request that waits for this phone.',
  answers: { 200: { what: 'One waits.', schema: answers.request }, 204: { what: 'None waits.' } },
  refused: [],
  async answer({ parts, call }) {
    const request = await openPending(parts, call)
    return request ? { status: 200, body: request } : { status: 204 }
  },
})

const scan = signed({
  method: 'POST',
  path: '/request/scan',
  summary: 'Opens the request of a QR; the first phone that scans gets it.',
  description: 'Called with the cookies of the browser, where the app has some: so a link on the same phone is known.',
  body: bodies.scan,
  answers: { 200: { what: 'It waits for this phone.', schema: answers.request } },
  refused: [
    ...(['MOVIL-06-qr-old', 'MOVIL-07-taken', 'LEVEL-01-registration-too-low', 'LEVEL-02-method-too-low'] as const),
    ...(['CITIZEN-03-not-registered', 'CITIZEN-05-deceased', 'CITIZEN-07-method-blocked'] as const),
  ],
  async answer({ parts, call, body, request }) {
    const opened = await openScanned(parts, call, { token: body.token, browser: request.visit.browser })
    return isRefusal(opened) ? opened : { status: 200, body: opened }
  },
})

const decide = signed({
  method: 'POST',
  path: '/request/decide',
  summary: 'Decides on a request, once.',
  description: 'A decision is denied, reported or approved; an approval above the level low needs the phone’s unlock.',
  body: bodies.decide,
  answers: { 200: { what: 'It counts.', schema: answers.decided } },
  refused: ['MOVIL-01-gone', 'MOVIL-02-not-genuine', 'MOVIL-03-wrong-code', 'MOVIL-04-unlock-needed'],
  async answer({ parts, call, body: { request, jws, assertion } }) {
    const decided = await decideRequest(parts, call, { request, jws, assertion })
    return isRefusal(decided) ? decided : { status: 200, body: decided }
  },
})

export const requestEndpoints: readonly Endpoint[] = [pending, scan, decide]
