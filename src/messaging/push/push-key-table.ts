import { statement, type Db } from '../../platform/index.ts'

export interface PushKeyRow {
  readonly public_key: string
  readonly sealed_private_key: string
}

const read = statement<PushKeyRow>('push-key.read', 'select public_key, sealed_private_key from push_key')
const insert = statement(
  'push-key.insert',
  'insert into push_key (public_key, sealed_private_key, created_at) values ($1, $2, $3) on conflict do nothing',
)
const reseal = statement('push-key.reseal', 'update push_key set sealed_private_key = $2 where sealed_private_key = $1')

/** All the SQL of the table `push_key`. */
export const pushKeyTable = {
  read: (db: Db) => db.row(read),
  /** Nothing happens where there is one already. */
  insert: (db: Db, row: PushKeyRow, created: Date) => db.row(insert, [row.public_key, row.sealed_private_key, created]),
  reseal: (db: Db, sealed: string, anew: string) => db.row(reseal, [sealed, anew]),
}
