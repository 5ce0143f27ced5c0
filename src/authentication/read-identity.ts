import {
  parseContrast,
  parseDocument,
  type ContrastClaim,
  type DocumentKind,
  type IdentityDocument,
} from '../citizen/index.ts'
import type authentication from '../../locales/es/authentication.json'
import type { Problem } from './method.ts'
import type { IdentityClaim } from './recognise.ts'

declare module '../platform/i18n.ts' {
  interface Texts {
    authentication: typeof authentication
  }
}

export interface TypedIdentity {
  readonly document: string
  readonly contrast: string
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

/** Document and contrast as typed; everything wrong with them at once, so that it is mended at once. */
export function readIdentity(typed: TypedIdentity): IdentityClaim | readonly Problem[] {
  const document = readDocument(typed.document)
  const contrast = isProblems(document) ? emptyContrast(typed.contrast) : readContrast(document.kind, typed.contrast)
  if (isProblems(document) || isProblems(contrast)) {
    return [document, contrast].flatMap((read) => (isProblems(read) ? read : []))
  }
  return { document: document.document, contrast }
}

/** Without a document nothing tells a date from a support number; that there is nothing is seen all the same. */
const emptyContrast = (typed: string): readonly Problem[] =>
  typed.trim() === '' ? [{ field: 'contrast', text: 'authentication:contrast.empty' }] : []

/** What a form shows again; `kind` makes label and help fit the document. */
export function valuesOf({ document, contrast }: TypedIdentity): Record<string, string> {
  const read = readDocument(document)
  return { document, contrast, ...(isProblems(read) ? {} : { kind: read.kind }) }
}

/** Told from a read value: a list of problems. */
export const isProblems = (read: object): read is readonly Problem[] => Array.isArray(read)
