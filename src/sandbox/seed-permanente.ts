import { blockPassword, makeHashQueue, putPassword } from '../authentication/index.ts'
import type { Limits } from '../lockout/index.ts'
import { systemRandom, type Clock, type Db } from '../platform/index.ts'
import { isRefusal } from '../refusal/index.ts'
import { catalogue, sandboxPassword } from './catalogue.ts'

export interface SeedPermanenteParts {
  readonly db: Db
  readonly clock: Clock
  readonly limits: Limits
}

/** Puts the passwords of the test citizens back to what the catalogue says. Their citizens must be there (`seedCatalogue`). */
export async function seedPermanente({ db, clock, limits }: SeedPermanenteParts): Promise<void> {
  const hashes = makeHashQueue({ random: systemRandom, limits })
  const set = clock.now()
  const expires = clock.in(limits.passwordLifetime)
  for (const { id, permanente } of catalogue) {
    if (!permanente) continue
    const hash = await hashes.hash(sandboxPassword)
    if (isRefusal(hash)) throw new Error('the hash queue of the seed is full')
    await putPassword(db, { citizen: id, hash, set, expires })
    if (permanente === 'blocked') await blockPassword(db, id, set)
  }
}
