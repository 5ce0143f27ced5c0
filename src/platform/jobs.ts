import { statement, type Tx } from './db.ts'

/** The names of the jobs and what each carries: identifiers only, never personal data. */
export interface JobPayloads {
  'deliver-message': { readonly id: string }
}
export type JobName = keyof JobPayloads

const add = statement('job.add', 'select (graphile_worker.add_job($1, $2::json)).id')

/** Puts work for the worker into the deciding transaction: committed with it, or not at all. */
export async function addJob<Name extends JobName>(tx: Tx, name: Name, payload: JobPayloads[Name]): Promise<void> {
  await tx.row(add, [name, JSON.stringify(payload)])
}

/**
 * The same as a piece of SQL, for a statement that writes a row and its job in one round trip:
 * `with m as (insert into outbox … returning id) select ${addJobSql('deliver-message', { id: 'm.id' })} from m`.
 * The payload's values are SQL expressions of our own code, never something given.
 */
export function addJobSql<Name extends JobName>(
  name: Name,
  payload: { readonly [Field in keyof JobPayloads[Name]]: string },
): string {
  const fields = Object.entries<string>(payload).map(([field, expression]) => `'${field}', ${expression}`)
  return `(graphile_worker.add_job('${name}', json_build_object(${fields.join(', ')}))).id`
}
