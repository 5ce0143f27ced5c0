import { activityPage } from './activity.ts'
import { actsOf } from './acts.ts'
import { dataPage } from './data.ts'
import { homePage } from './home.ts'
import { methodPages } from './methods.ts'
import { notMePages } from './not-me.ts'
import type { Download, Form, Page } from './page.ts'
import type { AccountParts } from './parts.ts'
import { phonePages } from './phone-page.ts'
import { registrationPage } from './registration.ts'
import { sessionPages } from './sessions.ts'

/** Everything there is in Mi Cl@ve; what is in the navigation stands there in this order. */
export interface Table {
  readonly pages: readonly Page[]
  readonly forms: readonly Form[]
  readonly downloads: readonly Download[]
}

export function tableOf(parts: AccountParts): Table {
  const groups: readonly Partial<Table>[] = [
    { pages: [homePage(parts), dataPage(), registrationPage(parts)] },
    methodPages(parts),
    phonePages(parts),
    { pages: [activityPage(parts)] },
    notMePages(parts),
    sessionPages(parts),
    actsOf(parts),
  ]
  return {
    pages: groups.flatMap(({ pages = [] }) => pages),
    forms: groups.flatMap(({ forms = [] }) => forms),
    downloads: groups.flatMap(({ downloads = [] }) => downloads),
  }
}

/** The address of a row's path; `params` fill its `:names` in, and have their shape. */
export const addressOf = (path: string, params: unknown): string =>
  `/account${path.replace(/:(\w+)/g, (_, name: string) => (params as Readonly<Record<string, string>>)[name] ?? '')}`
