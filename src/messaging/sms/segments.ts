import smpp from 'smpp'

/** A text as it goes over the air: one short message, or several that the phone puts together again. */
export interface Segments {
  /** GSM 03.38 (160 characters a message, 153 a part), else UCS-2 (70 and 67). */
  readonly alphabet: 'gsm' | 'ucs2'
  /** The encoded parts, in order. */
  readonly parts: readonly Buffer[]
}

// In octets, as SMPP carries them: one a septet of GSM 03.38, two a character of UCS-2 (3GPP TS 23.040, 9.2.3.24.1).
const capacity = { gsm: { whole: 160, part: 153 }, ucs2: { whole: 140, part: 134 } }

/** Whether all of it is in the alphabet of phones, GSM 03.38. */
export const isGsm = (text: string): boolean => smpp.encodings.ASCII.match(text)

export function segment(text: string): Segments {
  const alphabet = isGsm(text) ? 'gsm' : 'ucs2'
  const encoding = alphabet === 'gsm' ? smpp.encodings.ASCII : smpp.encodings.UCS2
  const whole = encoding.encode(text)
  if (whole.length <= capacity[alphabet].whole) return { alphabet, parts: [whole] }
  const parts: Buffer[] = []
  let part: Buffer[] = []
  let length = 0
  // By characters, so that no part ends within one: € is two septets, an emoji four octets.
  for (const character of text) {
    const octets = encoding.encode(character)
    if (length + octets.length > capacity[alphabet].part) {
      parts.push(Buffer.concat(part))
      part = []
      length = 0
    }
    part.push(octets)
    length += octets.length
  }
  return { alphabet, parts: [...parts, Buffer.concat(part)] }
}

/**
 * What stands before each of several parts (3GPP TS 23.040, 9.2.3.24.1): the same `reference` (0 to 255) in all of them,
 * their number, and which one it is, from 1.
 */
export function concatenation(reference: number, of: number, which: number): Buffer {
  return Buffer.from([5, 0, 3, reference, of, which])
}
