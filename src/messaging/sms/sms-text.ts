import type sms from '../../../locales/es/sms.json'
import type { Translate } from '../../platform/index.ts'
import type { SmsText } from '../port.ts'
import { isGsm, segment } from './segments.ts'

declare module '../../platform/i18n.ts' {
  interface Texts {
    sms: typeof sms
  }
}

/** Short messages that one SMS may be made of; each is paid for. */
const mostSegments = 2

/**
 * What the citizen reads: what happened, or the code, the body asking and how long, and then in the last line the code
 * again for the browser (origin-bound one-time codes, https://wicg.github.io/sms-one-time-codes/), which fills it in at
 * this host only. Nothing else of a person, and never a link (clave-domain, "Sending").
 */
export function smsText(t: Translate, host: string, text: SmsText, minutes: number): string {
  if (text.kind === 'phone-taken-over' || text.kind === 'movil-activated') return t(`sms:${text.kind}.text`)
  if (text.kind === 'welcome') return t(`sms:welcome.${text.level}`)
  const { code } = text
  const kind = text.kind === 'pin' && text.prefix ? 'pin.prefixed' : (`${text.kind}.text` as const)
  const say = (agency: string) => `${t(`sms:${kind}`, { code, agency, minutes })}\n\n@${host} #${code}`
  if (!('agency' in text)) return say('')
  const fits = (agency: string) => segment(say(agency)).parts.length <= mostSegments
  return say(fitting(text.agency.replace(/\s+/g, ' ').trim(), fits))
}

/** The name whole, else in the alphabet of phones (a letter outside of it more than halves the room), else cut. */
function fitting(name: string, fits: (name: string) => boolean): string {
  if (fits(name)) return name
  const plain = inGsm(name) || name
  if (fits(plain)) return plain
  const characters = [...plain]
  const cut = (length: number) => `${characters.slice(0, length).join('').trimEnd()}...`
  let [fit, tooLong] = [0, characters.length]
  while (tooLong - fit > 1) {
    const middle = Math.floor((fit + tooLong) / 2)
    if (fits(cut(middle))) fit = middle
    else tooLong = middle
  }
  return cut(fit)
}

const alike: Record<string, string> = {
  '·': '.',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '...',
}

/** Á is A, · is a full stop; what has nothing like it is left out. */
function inGsm(name: string): string {
  const letters = [...name.normalize('NFC')].map((letter) =>
    isGsm(letter) ? letter : (alike[letter] ?? [...letter.normalize('NFD')].filter(isGsm).join('')),
  )
  return letters.join('').replace(/\s+/g, ' ').trim()
}
