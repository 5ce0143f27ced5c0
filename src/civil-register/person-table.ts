import { contrastOf, contrastValues } from '../citizen/index.ts'
import { statement, type Sql } from '../platform/index.ts'
import type { CivilRecord } from './port.ts'

interface PersonRow {
  readonly document: string
  readonly given_name: string
  readonly first_surname: string
  readonly second_surname: string | null
  readonly born_on: string
  readonly deceased: boolean
  readonly valid_until: string | null
  readonly issued_on: string | null
  readonly support_number: string | null
  readonly street: string | null
  readonly postal_code: string | null
  readonly town: string | null
  readonly province: string | null
  readonly iban: string | null
  readonly email: string | null
}

const columns = `document, given_name, first_surname, second_surname, born_on, deceased, valid_until, issued_on,
  support_number, street, postal_code, town, province, iban, email`

const limitTime = statement('civil-register.limit-time', `select set_config('statement_timeout', $1, true)`)
const find = statement<PersonRow>(
  'civil-register.find',
  `select ${columns} from civil_register_person where document = $1`,
)

const put = statement(
  'civil-register.put',
  `insert into civil_register_person (${columns}, updated_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
   on conflict (document) do update set
     given_name = excluded.given_name, first_surname = excluded.first_surname, second_surname = excluded.second_surname,
     born_on = excluded.born_on, deceased = excluded.deceased, valid_until = excluded.valid_until,
     issued_on = excluded.issued_on, support_number = excluded.support_number, street = excluded.street,
     postal_code = excluded.postal_code, town = excluded.town, province = excluded.province,
     iban = excluded.iban, email = excluded.email, updated_at = excluded.updated_at`,
)

/** From here to the end of the transaction, PostgreSQL cancels what takes longer than so many milliseconds. */
export async function limitStatementTime(sql: Sql, ms: number): Promise<void> {
  await sql.row(limitTime, [String(ms)])
}

export async function findPerson(sql: Sql, document: string): Promise<CivilRecord | undefined> {
  const row = await sql.row(find, [document])
  return row && recordOf(row)
}

export async function putPerson(sql: Sql, person: CivilRecord, now: Date): Promise<void> {
  const { name, domicile } = person
  await sql.row(put, [
    person.document,
    name.given,
    name.firstSurname,
    name.secondSurname,
    person.bornOn,
    person.deceased,
    ...contrastValues(person.contrast),
    domicile?.street,
    domicile?.postalCode,
    domicile?.town,
    domicile?.province,
    person.iban,
    person.email,
    now,
  ])
}

function recordOf(row: PersonRow): CivilRecord {
  const { street, postal_code: postalCode, town, province } = row
  return {
    document: row.document,
    name: { given: row.given_name, firstSurname: row.first_surname, secondSurname: row.second_surname ?? undefined },
    bornOn: row.born_on,
    deceased: row.deceased,
    contrast: contrastOf(row),
    domicile: street && postalCode && town && province ? { street, postalCode, town, province } : undefined,
    iban: row.iban ?? undefined,
    email: row.email ?? undefined,
  }
}
