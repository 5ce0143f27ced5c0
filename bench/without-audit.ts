/**
 * Loaded before everything else (`node --import`), it makes a server that writes no audit: what the audit costs is measured
 * against it. Production has no switch for that.
 */
import { registerHooks } from 'node:module'

const written = '/src/audit/audit-event-table.ts'

// With a query the module is the real one; what is exported here goes before what it exports.
const silent = `
  export * from '.${written.slice(written.lastIndexOf('/'))}?real'
  export const noteEvent = async () => {}
  export const noteLogin = async () => {}
  export const noteEventSql = (from, first, name = 'noted') => {
    const types = ['timestamptz', 'text', 'uuid', 'text', 'jsonb']
    return name + ' as (select ' + types.map((type, nth) => '$' + (first + nth) + '::' + type).join(', ') + ' from ' + from + ' where false)'
  }
`

registerHooks({
  load: (url, context, next) =>
    url.endsWith(written) ? { format: 'module', source: silent, shortCircuit: true } : next(url, context),
})
