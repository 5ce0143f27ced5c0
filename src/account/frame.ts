import { fullName, maskDocument } from '../citizen/index.ts'
import { locales, type PageModel } from '../platform/index.ts'
import type { Page, Turn } from './page.ts'
import { addressOf, type Table } from './pages.ts'
import type { AccountParts } from './parts.ts'

type FrameParts = Pick<AccountParts, 'digest'>

/** What every page of Mi Cl@ve shows beside its own: whose it is, the way to the others, and what was just done. */
export function frameOf(parts: FrameParts, { pages }: Table, turn: Turn, page: Page): PageModel {
  const here = addressOf(page.path, turn.params)
  return {
    frame: {
      name: fullName(turn.citizen),
      document: maskDocument(turn.citizen.document),
      nav: pages.flatMap(({ nav, path }) =>
        nav === undefined ? [] : [{ key: nav, href: addressOf(path, {}), current: path === page.path }],
      ),
      told: toldOf(parts, turn),
      for: markOf(parts, turn),
    },
    // A form may have been sent to an address that shows no page.
    languages: locales.map((code) => ({
      code,
      href: `${here}?${new URLSearchParams({ ...turn.query, lang: code }).toString()}`,
    })),
  }
}

/** Whose page a form stands on: in another tab another citizen may have logged in since. */
const markOf = ({ digest }: FrameParts, { citizen }: Turn): string => digest('account-form', citizen.id).slice(0, 22)

/** Whether a form was sent from a page of this citizen's. Takes the mark out, so that no schema need name it. */
export function fits(parts: FrameParts, turn: Turn, body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('_for' in body)) return false
  const { _for: mark } = body
  delete body._for
  return mark === markOf(parts, turn)
}

/** The name of a text of `account:told`, as an address carries it: nobody else can make one for this session. */
export const toldIn = (parts: FrameParts, turn: Turn, told: string): string => `${told}~${sealOf(parts, turn, told)}`

function toldOf(parts: FrameParts, turn: Turn): string | undefined {
  const [told = '', seal] = (turn.query['told'] ?? '').split('~')
  return seal === sealOf(parts, turn, told) ? told : undefined
}

const sealOf = ({ digest }: FrameParts, { session }: Turn, told: string): string =>
  digest('account-told', session.id, told).slice(0, 22)
