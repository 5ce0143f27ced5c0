import { certificatesDocument } from './certificates-document.ts'
import { idpMetadata } from './idp-metadata.ts'
import { newId } from './answers.ts'
import type { SamlParts } from './parts.ts'

/** What peers read of us. */
export interface Documents {
  metadata(): string
  certificates(): string
}

/** Days that the metadata hold, and hours after which they are signed anew. */
const holds = 90
const signedAnewAfter = 6

/** Signed once for each ring of keys and a few hours, not for each who asks. */
export function makeDocuments(parts: SamlParts): Documents {
  let made: { readonly version: string; readonly until: number; readonly metadata: string } | undefined
  return {
    metadata() {
      const { version, saml } = parts.keys.ring()
      const now = parts.clock.wire().getTime()
      if (made?.version !== version || made.until <= now) {
        const validUntil = new Date(now + holds * 86_400_000)
        const metadata = idpMetadata(saml, { entityId: parts.baseUrl, id: newId(parts), validUntil })
        made = { version, until: now + signedAnewAfter * 3_600_000, metadata }
      }
      return made.metadata
    },
    certificates: () => certificatesDocument(parts.keys.ring().saml),
  }
}
