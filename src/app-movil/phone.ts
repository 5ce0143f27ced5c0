import { endOwnPhone } from '../authentication/index.ts'
import { fullName, maskDocument, maskEmail } from '../citizen/index.ts'
import { isRefusal, refusal } from '../refusal/index.ts'
import { signed, type Endpoint } from './endpoint.ts'
import { answers } from './schemas.ts'

const show = signed({
  method: 'GET',
  path: '/phone',
  summary: 'This phone, and whose it is.',
  answers: { 200: { what: 'The phone is active.', schema: answers.phone } },
  refused: [],
  async answer({ parts, call: { device } }) {
    const citizen = await parts.citizens.find(device.citizen)
    if (!citizen?.registration) return refusal('MOVIL-10-device-unknown')
    const { document, phone, email, registration } = citizen
    const person = {
      name: fullName(citizen),
      document: maskDocument(document),
      phone: phone?.slice(-3) ?? null,
      email: email === undefined ? null : maskEmail(email),
      level: registration.level,
    }
    const { id, name, activatedAt, credential, mustScan } = device
    const body = { device: id, name, activated: activatedAt.toISOString(), unlock: credential !== undefined, mustScan }
    return { status: 200, body: { ...body, person } }
  },
})

const end = signed({
  method: 'DELETE',
  path: '/phone',
  summary: 'Ends this phone: nothing that it signs counts any more.',
  answers: { 204: { what: 'It is none any more; the app forgets its key.' } },
  refused: [],
  async answer({ parts, call }) {
    const ended = await endOwnPhone(parts, call)
    return isRefusal(ended) ? ended : { status: 204 }
  },
})

export const phoneEndpoints: readonly Endpoint[] = [show, end]
