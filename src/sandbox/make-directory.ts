import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a directory and those above it that are missing; one that is there stays as it is. Throws what the system says
 * (a `code`: EACCES, ENOENT, ENOTDIR …). Not mkdirSync's own `recursive`: where an existing parent answers ENOENT, as
 * /proc does, that one tries for ever.
 */
export function makeDirectory(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false })
  if (there?.isDirectory()) return
  if (there) throw Object.assign(new Error(`${path} is not a directory`), { code: 'ENOTDIR' })
  makeDirectory(dirname(resolve(path)))
  try {
    mkdirSync(path)
  } catch (error) {
    // Another start may have made it meanwhile.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}
