import { createHash } from 'node:crypto'
import { locales, type Clock, type Envelope, type I18n, type Locale, type Translate } from '../platform/index.ts'
import { emailText } from './email/email-text.ts'
import type { Email, Laying, Messages, Push, Sms } from './port.ts'
import { pushText } from './push/push-text.ts'
import { seal, type Content } from './sealed-content.ts'
import { smsText } from './sms/sms-text.ts'

export interface MessagesParts {
  readonly clock: Clock
  readonly envelope: Envelope
  readonly i18n: I18n
  /** BASE_URL: its host is where a code may be filled in. */
  readonly baseUrl: string
}

/** Nothing is sent here, so a slow gateway holds no page. */
export function makeMessages(parts: MessagesParts): Messages {
  const host = new URL(parts.baseUrl).hostname
  const say = Object.fromEntries(locales.map((locale) => [locale, parts.i18n.translator(locale)])) as Record<
    Locale,
    Translate
  >
  const lay = (
    channel: Laying[1],
    { key, citizen, expires }: Sms | Email | Push,
    now: Date,
    content: Content,
  ): Laying => {
    const id = idOf(key)
    return [id, channel, citizen ?? null, seal(parts.envelope, id, content), now, expires]
  }
  return {
    sms(message) {
      const { to, locale, text, expires } = message
      const now = parts.clock.now()
      return lay('sms', message, now, { to: to ?? null, text: smsText(say[locale], host, text, minutes(now, expires)) })
    },
    email(message) {
      const { to, locale, text, expires, attachments = [] } = message
      const now = parts.clock.now()
      const written = emailText(say[locale], locale, text, minutes(now, expires))
      const email = { locale, subject: written.subject, attachments }
      return lay('email', message, now, { to: to ?? null, text: written.text, email })
    },
    push(message) {
      const { to = nobody, locale, text } = message
      const { endpoint, p256dh, auth } = to
      const push = { p256dh, auth, topic: text.kind }
      return lay('push', message, parts.clock.now(), { to: endpoint, text: pushText(say[locale], text), push })
    },
  }
}

/** As long as the keys of a subscription, so that a decoy is no shorter by them. */
const nobody = { endpoint: null, p256dh: '-'.repeat(87), auth: '-'.repeat(22) }

const minutes = (now: Date, until: Date): number => Math.max(1, Math.round((until.getTime() - now.getTime()) / 60_000))

/** The id of the message with this key, a UUID of version 8 (RFC 9562): whoever lays it again meets the same row. */
function idOf(key: string): string {
  const octets = createHash('sha256').update(key).digest()
  octets[6] = 0x80 | (octets[6]! & 0x0f)
  octets[8] = 0x80 | (octets[8]! & 0x3f)
  const hex = octets.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
