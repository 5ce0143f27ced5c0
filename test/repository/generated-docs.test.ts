import t from 'tap'
import { generated, staleDocuments } from '../../src/commands/docs.ts'

t.test('the documents in docs/ are what the code would write (npm run docs)', async (t) => {
  t.strictSame(await staleDocuments(), [])
  t.strictSame(Object.keys(generated), ['audit.md', 'config.md', 'errors.md', 'limits.md', 'log.md'])
})
