import { siteOf } from '../../lockout/index.ts'
import { isRefusal, refusal, type Refusal } from '../../refusal/index.ts'
import { admitCitizen, tooLow } from '../judge-citizen.ts'
import type { Device, MovilRequest, PhoneCall, ShownRequest } from './contract.ts'
import type { MovilParts } from './parts.ts'
import { claimRequest, findOpenRequest, findPending } from './request-table.ts'
import { codeOf, isStanding, nonceOf, roundOf, type Round } from './round.ts'
import { endRequest } from './waiting-table.ts'

type ShowParts = Pick<MovilParts, 'db' | 'clock' | 'digest' | 'baseUrl'>
type ScanParts = ShowParts & Pick<MovilParts, 'store' | 'random' | 'limits' | 'citizens'>

/** A scan: what the QR said, and the cookie of the browser that the app runs in, where it has one. */
export interface Scan {
  readonly token: string
  readonly browser: string | undefined
}

/**
 * Opens the request of a scanned QR in this phone: the first that scans gets it. The rules are asked before anything is
 * shown (clave-domain, "Level reached by a login"); where they refuse, the login hears it as well.
 * Refused: MOVIL-06 (no QR of ours, or too old), MOVIL-07 (another phone has it), and what the rules say.
 */
export async function openScanned(parts: ScanParts, call: PhoneCall, scan: Scan): Promise<ShownRequest | Refusal> {
  const round = await roundOf(parts, scan.token)
  if (!round) return refusal('MOVIL-06-qr-old')
  const refused = await refusedBy(parts, call.device, round)
  const path = scan.browser !== undefined && scan.browser === round.browser ? 'same' : 'qr'
  const one = { ...round, application: round.application, now: parts.clock.now(), expires: new Date(round.expires) }
  const { id: device, citizen } = call.device
  const claimed = await claimRequest(parts.db, one, { device, citizen, path, refused: refused?.refused })
  if (claimed && !(await isStanding(parts, round))) {
    // The login went another way before there was a request that it could have ended.
    await endRequest(parts.db, one)
    return refusal('MOVIL-06-qr-old')
  }
  if (claimed) return refused ?? shown(parts, call, claimed)
  const again = await findOpenRequest(parts.db, round.id, call.device.id, parts.clock.now())
  return again ? shown(parts, call, again) : refusal('MOVIL-07-taken')
}

async function refusedBy(
  parts: Pick<MovilParts, 'citizens'>,
  device: Device,
  { asked }: Round,
): Promise<Refusal | undefined> {
  const variant = device.credential ? 'movil' : 'movil-without-unlock'
  const admission = admitCitizen(await parts.citizens.find(device.citizen), variant)
  return isRefusal(admission) ? admission : tooLow(admission.best, variant, asked)
}

/** The request that waits for this phone, asked by document and contrast or scanned before. */
export async function openPending(parts: ShowParts, call: PhoneCall): Promise<ShownRequest | undefined> {
  const request = await findPending(parts.db, call.device.id, parts.clock.now())
  return request && shown(parts, call, request)
}

function shown({ digest, baseUrl }: ShowParts, { address }: PhoneCall, request: MovilRequest): ShownRequest {
  const { id, path, relyingParty, application, asked, place, expires } = request
  return {
    id,
    path,
    agency: relyingParty.name,
    application,
    host: new URL(baseUrl).host,
    place: { ...place, elsewhere: path !== 'same' && siteOf(place.address) !== siteOf(address) },
    // On the document path the code is typed: the phone is not told what it is (NIST SP 800-63B-4, 3.1.3.1).
    code: path === 'document' ? undefined : codeOf(digest, id),
    relyingParty: relyingParty.id,
    level: asked.join(' '),
    nonce: nonceOf(digest, id),
    expires: expires.toISOString(),
  }
}
