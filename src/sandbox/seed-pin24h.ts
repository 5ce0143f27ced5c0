import { systemRandom, type Clock, type Db } from '../platform/index.ts'
import { putRecord } from '../registration/index.ts'
import { catalogue, typedContrast } from './catalogue.ts'

/** Puts the records of PIN 24 horas of the catalogue, not migrated. On tables that are empty. */
export async function seedPin24h({ db, clock }: { readonly db: Db; readonly clock: Clock }): Promise<void> {
  await db.transaction(async (tx) => {
    for (const { id, document, contrast, name, phone, email, pin24h } of catalogue)
      if (pin24h !== undefined && phone !== undefined)
        await putRecord(
          tx,
          { clock, random: systemRandom },
          { id, document, contrast: typedContrast({ contrast }), name, phone, email },
        )
  })
}
