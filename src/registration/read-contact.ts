import { electronicFormatIBAN, isValidIBAN } from 'ibantools'
// Knows the numbers of mobile phones only: nothing else gets an SMS.
import { parsePhoneNumberFromString } from 'libphonenumber-js/mobile'

/**
 * A mobile phone as people type it, in E.164: without a prefix it is Spanish, others come with + or 00. Undefined when
 * there is no such mobile number.
 */
export function readPhone(typed: string): string | undefined {
  const plain = typed
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim()
    .replace(/^00/, '+')
  if (!/^[+\d\s().·/\p{Pd}]{6,30}$/u.test(plain)) return undefined
  const phone = parsePhoneNumberFromString(plain, 'ES')
  return phone?.isValid() && phone.ext === undefined && /^\+[1-9]\d{6,14}$/.test(phone.number)
    ? phone.number
    : undefined
}

/** A phone in E.164, grouped as people read it out: `+34 611 00 00 23`. `readPhone` takes it again. */
export const sayPhone = (phone: string): string => parsePhoneNumberFromString(phone)?.formatInternational() ?? phone

/**
 * An address of e-mail, its domain in small letters; undefined when it has not the form of one (RFC 5321, 4.1.2, without
 * quoted names and literal addresses). It can hold nothing that would end a header or name a second recipient.
 */
export function readEmail(typed: string): string | undefined {
  const [, local = '', domain = ''] = /^([^@]+)@([^@]+)$/.exec(typed.normalize('NFKC').trim()) ?? []
  if (local.length > 64 || domain.length > 253 || !/^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/.test(local))
    return undefined
  const label = '[a-z0-9\\u00a1-\\uffff]([a-z0-9\\u00a1-\\uffff-]{0,61}[a-z0-9\\u00a1-\\uffff])?'
  const lower = domain.toLowerCase()
  return new RegExp(`^(${label}\\.)+${label}$`).test(lower) && !/[\s\p{C}]/u.test(lower)
    ? `${local}@${lower}`
    : undefined
}

/** An IBAN in its electronic format; undefined when its check digits are wrong. */
export function readIban(typed: string): string | undefined {
  const iban = electronicFormatIBAN(typed.normalize('NFKC').slice(0, 60))
  return iban !== null && isValidIBAN(iban) ? iban : undefined
}
