import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import qrcode from 'qrcode'
import type { Test } from 'tap'
import { browserWith } from '../support/chromium.ts'

/** A Chromium whose camera sees what is held before it. */
export interface BrowserWithCamera {
  readonly browser: Browser
  /** Holds this QR before the camera; seen by whoever opens the camera from then on. */
  show(qr: string): Promise<void>
}

export async function browserWithCamera(t: Test): Promise<BrowserWithCamera> {
  const folder = await mkdtemp(join(tmpdir(), 'clave-test-camera-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const film = join(folder, 'camera.y4m')
  const camera = ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`]
  const browser = await browserWith(t, [...camera, '--use-fake-ui-for-media-stream'])
  return { browser, show: (qr) => writeFile(film, filmOf(qr)) }
}

/** A picture of the QR as raw video (YUV4MPEG2), at some distance and on a grey ground. */
function filmOf(qr: string): Buffer {
  const { width, height, dots, margin } = { width: 640, height: 480, dots: 6, margin: 4 }
  const { size, data } = qrcode.create(qr, { errorCorrectionLevel: 'L' }).modules
  const light = Buffer.alloc(width * height, 150)
  const side = (size + 2 * margin) * dots
  const [left, top] = [Math.floor((width - side) / 2), Math.floor((height - side) / 2)]
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [row, column] = [Math.floor(y / dots) - margin, Math.floor(x / dots) - margin]
      const dark = row >= 0 && row < size && column >= 0 && column < size && data[row * size + column]
      light[(top + y) * width + left + x] = dark ? 25 : 230
    }
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, Buffer.alloc((width * height) / 2, 128)])
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420\n`), frame, frame])
}
