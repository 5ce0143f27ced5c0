import {
  parseContrast,
  parseDocument,
  type ContrastClaim,
  type DocumentKind,
  type IdentityDocument,
} from '../citizen/index.ts'
import type authentication from '../../locales/es/authentication.json'
import type { Problem } from './method.ts'

declare module '../platform/i18n.ts' {
  interface Texts {
    authentication: typeof authentication
  }
}

/** A document as typed, or what to mend in it. */
export function readDocument(typed: string): IdentityDocument | readonly [Problem] {
  const read = parseDocument(typed)
  return 'wrong' in read ? [{ field: 'document', text: `authentication:document.${read.wrong}` }] : read
}

/** A contrast as typed for a document of this kind, or what to mend in it. */
export function readContrast(kind: DocumentKind, typed: string): ContrastClaim | readonly [Problem] {
  const read = parseContrast(kind, typed)
  return 'wrong' in read ? [{ field: 'contrast', text: `authentication:contrast.${kind}.${read.wrong}` }] : read
}

/** Told from a read value: a list of problems. */
export const isProblems = (read: object): read is readonly Problem[] => Array.isArray(read)
