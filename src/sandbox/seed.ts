import { citizensIn, type CitizenOnRecord } from '../citizen/index.ts'
import type { CivilRecord, PostgresCivilRegister } from '../civil-register/index.ts'
import type { Clock, Db } from '../platform/index.ts'
import { catalogue, type TestCitizen } from './catalogue.ts'

export interface SeedParts {
  readonly db: Db
  readonly clock: Clock
  readonly register: PostgresCivilRegister
}

/**
 * Puts the test citizens and their entries in the civil register back to what the catalogue says, whatever became of
 * them. People who never were registered are in the register only, as in real life.
 */
export async function seedCatalogue({ db, clock, register }: SeedParts): Promise<void> {
  await db.transaction(async (tx) => {
    const citizens = citizensIn(tx, clock)
    for (const one of catalogue) {
      await register.put(tx, personOf(one, clock.now()))
      if (one.registration || one.renounced) await citizens.put(recordOf(one))
    }
  })
}

/** When those registered did so, and when who renounced did that. */
const registeredAt = new Date('2026-01-15T10:00:00Z')
const renouncedAt = new Date('2026-06-01T10:00:00Z')

function recordOf(one: TestCitizen): CitizenOnRecord {
  const { id, document, kind, contrast, name, registration, deceased, renounced } = one
  return {
    citizen: {
      id,
      document,
      kind,
      name,
      // Contact data go with the registration.
      phone: registration && one.phone,
      email: registration && one.email,
      locale: 'es',
      registration: registration && { ...registration, at: registeredAt },
      renouncedAt: renounced ? renouncedAt : undefined,
      deceased,
      blockedMethods: [],
    },
    contrast,
  }
}

function personOf(one: TestCitizen, now: Date): CivilRecord {
  const { document, name, age, deceased, contrast, domicile, iban, emailKnown, email } = one
  const known = { iban, email: emailKnown ? email : undefined }
  return { document, name, bornOn: birthday(age, now), deceased, contrast, domicile, ...known }
}

/** A hundred days ago the person became that old: YYYY-MM-DD. */
function birthday(age: number, now: Date): string {
  const day = new Date(now.getTime() - 100 * 86_400_000)
  day.setUTCFullYear(day.getUTCFullYear() - age)
  return day.toISOString().slice(0, 10)
}
