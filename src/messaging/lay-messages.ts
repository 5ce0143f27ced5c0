import { createHash } from 'node:crypto'
import { locales, type Clock, type Envelope, type I18n, type Locale, type Translate } from '../platform/index.ts'
import { layMessage } from './outbox-table.ts'
import type { Messages } from './port.ts'
import { seal } from './sealed-content.ts'
import { smsText } from './sms/sms-text.ts'

export interface MessagesParts {
  readonly clock: Clock
  readonly envelope: Envelope
  readonly i18n: I18n
  /** BASE_URL: its host is where a code may be filled in. */
  readonly baseUrl: string
}

/** Lays each message in one statement: the row and its job; nothing is sent here, so a slow gateway holds no page. */
export function makeMessages(parts: MessagesParts): Messages {
  const host = new URL(parts.baseUrl).hostname
  const say = Object.fromEntries(locales.map((locale) => [locale, parts.i18n.translator(locale)])) as Record<
    Locale,
    Translate
  >
  return {
    async sms(tx, { key, to, citizen, locale, text, expires }) {
      const id = idOf(key)
      const now = parts.clock.now()
      const minutes = Math.max(1, Math.round((expires.getTime() - now.getTime()) / 60_000))
      const content = seal(parts.envelope, id, { to: to ?? null, text: smsText(say[locale], host, text, minutes) })
      await layMessage(tx, { id, channel: 'sms', citizen, content, expires, now })
    },
  }
}

/** The id of the message with this key, a UUID of version 8 (RFC 9562): whoever lays it again meets the same row. */
function idOf(key: string): string {
  const octets = createHash('sha256').update(key).digest()
  octets[6] = 0x80 | (octets[6]! & 0x0f)
  octets[8] = 0x80 | (octets[8]! & 0x3f)
  const hex = octets.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
