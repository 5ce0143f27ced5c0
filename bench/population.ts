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

// By the citizens' ids, as they stand in the indexes: a million rows in random order would take minutes.
const leftBehind = [
  `insert into civil_register_person (document, given_name, first_surname, second_surname, born_on, valid_until, street,
                                      postal_code, town, province, updated_at)
   select document, given_name, first_surname, second_surname, '1980-01-01', valid_until, 'CALLE INVENTADA, 1', '28001',
          'MADRID', 'MADRID', now() from citizen order by document`,
  `insert into activation_code (citizen_id, digest, issued_at, expires_at, used_at)
   select id, md5(document) || md5(id::text), now() - interval '1 year', now(), now() - interval '300 days'
   from citizen order by id`,
  // Every fifth one came by letter.
  `insert into letter (id, document, locale, asked_at, due, csv_digest, made_at, expires_at, used_at, used_by)
   select id, document, 'es', now() - interval '400 days', now() - interval '400 days', md5(document) || md5(id::text),
          now() - interval '399 days', now() - interval '340 days', now() - interval '365 days', md5(document)
   from citizen where substr(document, 8, 1) in ('0', '5') order by id`,
  `insert into known_browser (subject, browser, last_seen)
   select md5(document) || '01234567890', md5(id::text) || '01234567890', now() - interval '10 days'
   from citizen order by md5(document)`,
  `insert into failure (subject, factor, known, failures, last_at)
   select md5(document) || '01234567890', 'code', false, 1, now() - interval '10 days'
   from citizen where document like '%0_' order by md5(document)`,
  ...[30, 20, 10].map(
    (days) => `insert into audit_event (at, kind, citizen_id, relying_party, data)
   select now() - interval '${days} days', 'login', id, 'bench', jsonb_build_object(
     'method', 'pin', 'factors', array['otp', 'sms'], 'level', 'low', 'registrationLevel', 'advanced',
     'session', md5(id::text) || '01234567890', 'browser', md5(document) || '01234567890', 'address', '192.0.2.7')
   from citizen order by id`,
  ),
].map((text, nth) => statement(`bench.left-${nth}`, text))

/**
 * What the registration and the use of each citizen there is left in the other tables, three logins in the audit among it:
 * as if sealed long ago, since sealing is not what is measured. `db` has two connections at least.
 */
export async function populateHistory(db: Db): Promise<void> {
  const lane = async (first: number) => {
    for (const each of leftBehind.filter((_, nth) => nth % 2 === first)) await db.rows(each)
  }
  await Promise.all([lane(0), lane(1)])
}
