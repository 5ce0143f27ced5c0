import { showPin } from '../authentication/index.ts'
import { isRefusal } from '../refusal/index.ts'
import { signed, type Endpoint } from './endpoint.ts'
import { answers, bodies } from './schemas.ts'

const show = signed({
  method: 'POST',
  path: '/pin',
  summary: '“My PIN”: shows a PIN in the place of an SMS.',
  description:
    'For the newest login of this citizen that waits for a PIN. The one of the SMS is dead from then on; its time and the ' +
    'tries that are left stay.',
  body: bodies.pin,
  answers: { 200: { what: 'A PIN, shown once.', schema: answers.pin }, 204: { what: 'No login waits for one.' } },
  refused: [
    ...(['MOVIL-02-not-genuine', 'MOVIL-04-unlock-needed', 'PIN-03-too-many'] as const),
    ...(['CITIZEN-03-not-registered', 'CITIZEN-05-deceased', 'CITIZEN-07-method-blocked'] as const),
  ],
  async answer({ parts, call, body }) {
    const shown = await showPin(parts, call, body)
    if (isRefusal(shown)) return shown
    if (shown === 'nothing') return { status: 204 }
    return { status: 200, body: { ...shown, until: shown.until.toISOString() } }
  },
})

export const pinEndpoints: readonly Endpoint[] = [show]
