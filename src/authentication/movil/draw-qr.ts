import { create } from 'qrcode'

/** Modules of white around it (ISO/IEC 18004, 9.1 asks for 4; phones need 2, and the page around it is white). */
const margin = 2

/**
 * A QR as a picture for `<img src>`. Octets, and always the same mask, cost a twentieth of letting the library look for the
 * shortest encoding and the fairest mask: what is drawn is random text, which is fair under each mask.
 */
export function drawQr(text: string): string {
  const { size, data } = create([{ data: Buffer.from(text), mode: 'byte' }], {
    errorCorrectionLevel: 'M',
    maskPattern: 2,
  }).modules
  const side = size + 2 * margin
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${dots(size, data)}"/></svg>`
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
}

/** The dark modules, each run of a row as one rectangle. */
function dots(size: number, data: ArrayLike<number | boolean>): string {
  let path = ''
  for (let at = 0; at < size * size;) {
    if (!data[at]) {
      at += 1
      continue
    }
    const begin = at
    while (data[at] && Math.floor(at / size) === Math.floor(begin / size)) at += 1
    const [x, y] = [(begin % size) + margin, Math.floor(begin / size) + margin]
    path += `M${x} ${y}h${at - begin}v1h${begin - at}z`
  }
  return path
}
