import type sandbox from '../../locales/es/sandbox.json'
import { parseDocument, type Citizens } from '../citizen/index.ts'
import type { TextKey, Translate } from '../platform/index.ts'
import { catalogue, sandboxPassword, typedContrast } from './catalogue.ts'
import { postalAddress } from './letter-press.ts'
import type { MessageFilter, SentMessage, ShownCitizen } from './parts.ts'

declare module '../platform/i18n.ts' {
  interface Texts {
    sandbox: typeof sandbox
  }
}

/** The catalogue as JSON, with every secret a test needs; each one's state in the language of `translate`. */
export const shownCitizens = (translate: Translate): readonly ShownCitizen[] =>
  catalogue.map((one) => ({
    document: one.document,
    contrast: typedContrast(one),
    name: [one.name.given, one.name.firstSurname, one.name.secondSurname].filter(Boolean).join(' '),
    given_name: one.name.given,
    first_surname: one.name.firstSurname,
    second_surname: one.name.secondSurname ?? null,
    phone: one.phone ?? null,
    email: one.email,
    registration_level: one.registration?.level ?? null,
    registration_channel: one.registration?.channel ?? null,
    movil: one.movil ?? false,
    password: one.permanente ? sandboxPassword : null,
    iban: one.iban ?? null,
    csv: one.csv ?? null,
    pin24h: one.pin24h ?? null,
    activation_code: one.activationCode ?? null,
    state: translate(`sandbox:citizenState.${one.document}` as TextKey),
  }))

/** Our id of the citizen with this document, however it is typed. */
export async function citizenIdOf(citizens: Citizens, typed: string): Promise<string | undefined> {
  const document = parseDocument(typed)
  if ('wrong' in document) return undefined
  // People who never registered have no row: the catalogue's id stands for them, and the rules refuse it as unregistered.
  const row = await citizens.byDocument(document.document)
  return row?.citizen.id ?? catalogue.find((one) => one.document === document.document)?.id
}

/** Who got a message is found by the phone and the e-mail that the citizen has now, or had in the catalogue; of a push message by the document. */
export async function messagesFor(
  citizens: Citizens,
  sent: readonly SentMessage[],
  { document, channel, after }: MessageFilter,
): Promise<readonly SentMessage[]> {
  const addresses = document === undefined ? undefined : await addressesOf(citizens, document)
  const from = after === undefined ? 0 : sent.findIndex(({ id }) => id === after) + 1
  return sent
    .slice(from)
    .filter(
      (message) =>
        (addresses === undefined || addresses.includes(message.to)) && (channel ?? message.channel) === message.channel,
    )
}

async function addressesOf(citizens: Citizens, typed: string): Promise<readonly string[]> {
  const document = parseDocument(typed)
  if ('wrong' in document) return []
  const row = await citizens.byDocument(document.document)
  const listed = catalogue.find((one) => one.document === document.document)
  const postal = listed && postalAddress(listed)
  const addresses = [document.document, row?.citizen.phone, listed?.phone, row?.citizen.email, listed?.email, postal]
  return addresses.filter((address) => address !== undefined)
}
