import { island } from './island.ts'

/** What `read-qr.ts` gives: the text of the QR code in a picture, if there is one. */
type ReadQr = (image: ImageData) => string | undefined

let reader: Promise<ReadQr> | undefined

/** A script of its own, fetched when it is first needed. */
const loadReader = (): Promise<ReadQr> =>
  (reader ??= import(island.qr).then(
    ({ readQr }: { readQr: ReadQr }) => readQr,
    (error: unknown) => {
      reader = undefined
      throw error
    },
  ))

/** Pictures are made so small, pixels: enough for a QR of a screen, and quick on a slow phone. */
const widest = 720
/** Milliseconds between two looks. */
const pause = 120

export interface Camera {
  stop(): void
}

/** Why there is no picture: the citizen, the phone, or another app said no. */
export type CameraFault = 'refused' | 'none'

/** Shows the camera of the back in this element, and tells each text that it reads until it is stopped. */
export async function openCamera(
  video: HTMLVideoElement,
  found: (text: string) => void,
): Promise<Camera | CameraFault> {
  const stream = await streamOf()
  if (typeof stream === 'string') return stream
  let stopped = false
  const stop = () => {
    stopped = true
    for (const track of stream.getTracks()) track.stop()
    video.srcObject = null
  }
  try {
    const read = await loadReader()
    video.srcObject = stream
    await video.play()
    void look(video, read, found, () => stopped)
    return { stop }
  } catch {
    stop()
    return 'none'
  }
}

async function streamOf(): Promise<MediaStream | CameraFault> {
  const wanted = { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } }
  try {
    return await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false })
  } catch (error) {
    return error instanceof DOMException && error.name === 'NotAllowedError' ? 'refused' : 'none'
  }
}

async function look(video: HTMLVideoElement, read: ReadQr, found: (text: string) => void, stopped: () => boolean) {
  const canvas = document.createElement('canvas')
  while (!stopped()) {
    const text = video.videoWidth > 0 ? read(drawn(canvas, video, video.videoWidth, video.videoHeight)) : undefined
    if (text !== undefined && !stopped()) found(text)
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

/** The text of the QR code in a photograph; undefined: there is none to be read. */
export async function readPicture(file: Blob): Promise<string | undefined> {
  const read = await loadReader()
  const picture = await createImageBitmap(file)
  const text = read(drawn(document.createElement('canvas'), picture, picture.width, picture.height))
  picture.close()
  return text
}

function drawn(canvas: HTMLCanvasElement, from: CanvasImageSource, width: number, height: number): ImageData {
  const scale = Math.min(1, widest / Math.max(width, height))
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('no canvas')
  context.drawImage(from, 0, 0, canvas.width, canvas.height)
  return context.getImageData(0, 0, canvas.width, canvas.height)
}
