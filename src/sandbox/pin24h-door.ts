import { parseDocument } from '../citizen/index.ts'
import type { I18n, Sql } from '../platform/index.ts'
import { hasOpenRecord } from '../registration/index.ts'
import type { Pin24hParts } from './agencies/pin24h.ts'
import { catalogue } from './catalogue.ts'

export interface Pin24hDoorParts {
  readonly db: Sql
  readonly i18n: I18n
}

/**
 * The Tax Agency's own old login, as the demo agency stands in for it: it knows its users by itself, here by the
 * catalogue. Whether they are to be told about Cl@ve is whether their record is still to be migrated.
 */
export function pin24hDoor({ db, i18n }: Pin24hDoorParts): Pin24hParts {
  const users = catalogue.flatMap(({ pin24h: pin, ...one }) => (pin === undefined ? [] : [{ ...one, pin }]))
  const [example = { document: '', pin: '' }] = users
  return {
    i18n,
    example,
    async enter(typed, pin) {
      const read = parseDocument(typed)
      const one = 'wrong' in read ? undefined : users.find(({ document }) => document === read.document)
      if (one?.pin !== pin.trim()) return undefined
      const { document, name } = one
      const surnames = [name.firstSurname, name.secondSurname].filter(Boolean).join(' ')
      const person = { document, name: `${name.given} ${surnames}`, given_name: name.given, family_name: surnames }
      return { person, open: await hasOpenRecord(db, document) }
    },
  }
}
