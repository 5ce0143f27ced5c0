import { eventValues } from '../../audit/index.ts'
import { putCredential, putDevice } from '../../authentication/index.ts'
import { systemRandom, type Clock, type Db } from '../../platform/index.ts'
import { catalogue } from '../catalogue.ts'
import type { SandboxPhones } from './phone.ts'

export interface SeedPhonesParts {
  readonly db: Db
  readonly clock: Clock
  readonly phoneOf: SandboxPhones
}

/**
 * Gives the test citizens of whom the catalogue says so their phone, as if they had activated it now: the public halves;
 * the private ones are the phone's (`makeSandboxPhone`). Their citizens must be there (`seedCatalogue`), without a phone.
 */
export async function seedPhones({ db, clock, phoneOf }: SeedPhonesParts): Promise<void> {
  const now = clock.now()
  await db.transaction(async (tx) => {
    for (const { id: citizen, document, movil } of catalogue) {
      if (!movil) continue
      const { key, credential } = phoneOf(document)
      const device = systemRandom.uuid()
      const event = eventValues({ kind: 'device-activated', at: now, citizen, data: { device } })
      const put =
        (await putDevice(tx, { id: device, citizen, key, name: 'Cl@ve sandbox', now }, event)) &&
        (await putCredential(tx, device, credential, new Date(0)))
      if (!put) throw new Error(`the test citizen ${document} got no phone`)
    }
  })
}
