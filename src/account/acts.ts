import { activationPages } from './activation-page.ts'
import type { ActsParts } from './acts-parts.ts'
import { authenticatorPages } from './authenticator-page.ts'
import { downloadPages } from './download-page.ts'
import { emailPages } from './email-page.ts'
import type { Download, Form, Page } from './page.ts'
import { passwordPages } from './password-page.ts'
import { renunciaPages } from './renuncia-page.ts'

/** What citizens do with their own registration: change it, take its data along, give it up. */
export function actsOf(parts: ActsParts): {
  readonly pages: readonly Page[]
  readonly forms: readonly Form[]
  readonly downloads: readonly Download[]
} {
  const [activation, download] = [activationPages(parts), downloadPages(parts)]
  const groups = [emailPages(parts), passwordPages(parts), activation, authenticatorPages(parts), renunciaPages(parts)]
  return {
    pages: [...groups.flatMap(({ pages }) => pages), ...download.pages],
    forms: groups.flatMap(({ forms }) => forms),
    downloads: [...activation.downloads, ...download.downloads],
  }
}
