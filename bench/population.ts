import { hash } from '@node-rs/argon2'
import { argon2Cost } from '../src/authentication/index.ts'
import { statement, type Db } from '../src/platform/index.ts'

/** One of the bench's citizens. */
export interface BenchCitizen {
  readonly document: string
  readonly contrast: string
  readonly phone: string
}

export const benchPassword = 'Clave-Bench-2026'
const letters = 'TRWAGMYFPDXBNJZSQVHLCKE'

export const citizenNumber = (number: number): BenchCitizen => ({
  document: `${String(number).padStart(8, '0')}${letters[number % 23]}`,
  contrast: '31/12/2049',
  phone: `+346${String(number).padStart(8, '0')}`,
})

const citizens = statement(
  'bench.citizens',
  `insert into citizen (id, document, kind, given_name, first_surname, second_surname, valid_until, phone, locale,
                        registration_level, registration_channel, registered_at, updated_at)
   select gen_random_uuid(), lpad(n::text, 8, '0') || substr('${letters}', n % 23 + 1, 1), 'dni', 'NOMBRE', 'PRIMERO', 'SEGUNDO',
          '2049-12-31', '+346' || lpad(n::text, 8, '0'), 'es', 'advanced', 'in_person', now(), now()
   from generate_series($1::int, $2::int) n`,
)
const passwords = statement(
  'bench.passwords',
  `insert into permanente_password (citizen_id, hash, set_at, expires_at)
   select id, $1, now(), now() + interval '2 years' from citizen where document >= $2 and document < $3`,
)

/** Citizens number 0 to `count` - 1, the first `withPassword` of them with the same password. */
export async function populate(db: Db, count: number, withPassword: number): Promise<void> {
  await db.rows(citizens, [0, count - 1])
  const hashed = await hash(benchPassword, argon2Cost)
  await db.rows(passwords, [hashed, '00000000', String(withPassword).padStart(8, '0')])
}
