import { statement, type Tx } from './db.ts'

/** The names of the jobs and what each carries: identifiers only, never personal data. */
export interface JobPayloads {
  /** `channel`: sms unless told. */
  'deliver-message': { readonly id: string; readonly channel?: 'sms' | 'push' }
}
export type JobName = keyof JobPayloads

const add = statement('job.add', 'select (graphile_worker.add_job($1, $2::json)).id')

/** Puts work for the worker into the deciding transaction: committed with it, or not at all. */
export async function addJob<Name extends JobName>(tx: Tx, name: Name, payload: JobPayloads[Name]): Promise<void> {
  await tx.row(add, [name, JSON.stringify(payload)])
}

/**
 * The same for what is done hundreds of times a second: the end of a statement whose `with` has just written the row.
 * `with laid as (insert into outbox … returning id) ${insertJobSql('deliver-message', { id: 'laid.id' }, 'laid')}`.
 *
 * It writes what the library's `add_job` would, which plans three statements anew at each call and sends a notification:
 * PostgreSQL lets transactions that notify commit only one after the other, each with its own flush to disk, and the
 * logins would queue there. The worker looks for jobs every few milliseconds instead. A job that no worker has ever known
 * is not written; so what is laid this way must be found by a sweep as well.
 *
 * The values of `payload` are SQL expressions of our own code, never something given.
 */
export function insertJobSql<Name extends JobName>(
  name: Name,
  payload: { readonly [Field in keyof JobPayloads[Name]]: string },
  from: string,
): string {
  const fields = Object.entries<string>(payload).map(([field, expression]) => `'${field}', ${expression}`)
  return `insert into graphile_worker._private_jobs (task_id, payload)
   select task.id, json_build_object(${fields.join(', ')})
   from ${from}, graphile_worker._private_tasks as task where task.identifier = '${name}'`
}
