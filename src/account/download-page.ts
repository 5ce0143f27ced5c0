import { noteEvent } from '../audit/index.ts'
import type { ActsParts } from './acts-parts.ts'
import { makeDataSheet } from './data-sheet.ts'
import { gatherData } from './gather-data.ts'
import type { Download, File, Page, Turn } from './page.ts'

/** What is kept of the citizen, to take along (Regulation (EU) 2016/679, articles 15 and 20). */
export const downloadPages = (
  parts: ActsParts,
): { readonly pages: readonly Page[]; readonly downloads: readonly Download[] } => ({
  pages: [
    {
      path: '/download',
      template: 'account/views/download.njk',
      surety: 'again',
      show: async () => ({ model: {} }),
    },
  ],
  downloads: [
    { path: '/download/data.json', surety: 'again', file: (turn) => json(parts, turn) },
    { path: '/download/data.pdf', surety: 'again', file: (turn) => pdf(parts, turn) },
  ],
})

async function json(parts: ActsParts, turn: Turn): Promise<File> {
  const data = await gatherData(parts, turn.citizen)
  await noteDownload(parts, turn, 'json')
  return { name: 'clave.json', type: 'application/json', content: `${JSON.stringify(data, null, 2)}\n` }
}

async function pdf(parts: ActsParts, turn: Turn): Promise<File> {
  const data = await gatherData(parts, turn.citizen)
  const content = await makeDataSheet(parts, data, turn.caller.locale)
  await noteDownload(parts, turn, 'pdf')
  return { name: 'clave.pdf', type: 'application/pdf', content }
}

async function noteDownload(parts: ActsParts, { citizen, caller }: Turn, format: 'json' | 'pdf'): Promise<void> {
  const { browser, address } = caller
  const at = parts.clock.now()
  await noteEvent(parts.db, { kind: 'data-downloaded', at, citizen: citizen.id, data: { format, browser, address } })
}
