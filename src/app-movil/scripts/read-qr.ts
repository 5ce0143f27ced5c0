import jsqr from 'jsqr'

/** The text of the QR code in a picture; undefined: there is none to be read. */
export const readQr = ({ data, width, height }: ImageData): string | undefined =>
  jsqr.default(data, width, height, { inversionAttempts: 'dontInvert' })?.data
