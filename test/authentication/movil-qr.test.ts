import jsqr from 'jsqr'
import t from 'tap'
import { drawQr } from '../../src/authentication/movil/draw-qr.ts'
import { systemRandom } from '../../src/platform/index.ts'

/** Reads a drawn QR as a camera would that sees each module as 4 × 4 dots. */
function read(uri: string): string | undefined {
  const svg = Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64').toString()
  const side = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1])
  const dot = 4
  const pixels = new Uint8ClampedArray((side * dot) ** 2 * 4).fill(255)
  for (const [, x, y, width] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
    for (let row = Number(y) * dot; row < (Number(y) + 1) * dot; row++) {
      const begin = (row * side * dot + Number(x) * dot) * 4
      for (let at = begin; at < begin + Number(width) * dot * 4; at++) if (at % 4 !== 3) pixels[at] = 0
    }
  }
  const scan = jsqr as unknown as (typeof jsqr)['default']
  return scan(pixels, side * dot, side * dot)?.data
}

t.test('every QR that is drawn is read again, letter by letter', (t) => {
  for (let tries = 0; tries < 200; tries++) {
    const text = `https://clave.example/app/scan#${systemRandom.token(16)}.${systemRandom.token(4)}.${systemRandom.token(16)}`
    if (read(drawQr(text)) !== text) t.fail(text)
  }
  t.end()
})
