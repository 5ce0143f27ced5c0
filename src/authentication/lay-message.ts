import { layMessageSql, type Laying } from '../messaging/index.ts'
import { statement, type Sql } from '../platform/index.ts'

const lay = statement(
  'authentication.lay-message',
  `with decided as (select 1), ${layMessageSql('decided', 1)} select id from laid`,
)

/** Lays a message in the transaction that decided on it, where no statement of its own does. */
export async function layMessage(sql: Sql, message: Laying): Promise<void> {
  await sql.row(lay, message)
}
