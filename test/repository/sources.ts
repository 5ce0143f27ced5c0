import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const root = path.join(import.meta.dirname, '../..')

export interface Source {
  /** From the repository's root, with `/`. */
  readonly file: string
  readonly text: string
}

/** The TypeScript files below a folder, without declarations of other people's modules. */
export function sourcesIn(folder: string): readonly Source[] {
  return globSync(`${folder}/**/*.ts`, { cwd: root })
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => !file.endsWith('.d.ts'))
    .sort()
    .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }))
}

/** What a file imports, exports from, and imports while running, as written. */
export function importsOf({ text }: Source): readonly string[] {
  const found = withoutComments(text).matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g)
  return [...found].map(([, specifier]) => specifier ?? '')
}

/** The text without comments, so that a rule does not trip over what explains it. */
export const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
