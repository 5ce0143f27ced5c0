import { connect, type Socket } from 'node:net'

/** An answer as the driver needs it. */
export interface Answer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly cookies: readonly string[]
  readonly body: string
}

/**
 * One keep-alive HTTP/1.1 connection that sends one request at a time.
 *
 * The driver shares two cores with what it measures, so it must cost little: node:http spends more on a request than the
 * bare provider does on some of its answers. Reads Content-Length and chunked bodies; nothing else is sent by either side.
 */
export class Connection {
  readonly #host: string
  readonly #port: number
  #socket: Socket | undefined
  #buffer: Buffer = Buffer.alloc(0)
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined

  constructor(host: string, port: number) {
    this.#host = host
    this.#port = port
  }

  request(method: string, path: string, headers: Readonly<Record<string, string>>, body = ''): Promise<Answer> {
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    const length = body === '' && method === 'GET' ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#open().write(
        `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}:${this.#port}\r\n${head.join('')}${length}\r\n${body}`,
      )
    })
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  #open(): Socket {
    if (this.#socket) return this.#socket
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true })
    this.#buffer = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
      this.#read()
    })
    const fail = (error: Error) => {
      if (this.#socket === socket) this.#socket = undefined
      this.#waiting?.reject(error)
      this.#waiting = undefined
    }
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('connection closed')))
    this.#socket = socket
    return socket
  }

  #read(): void {
    const headEnd = this.#buffer.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const { status, headers, cookies } = parseHead(this.#buffer.toString('latin1', 0, headEnd))
    const start = headEnd + 4
    const body = headers.has('content-length')
      ? fixedBody(this.#buffer, start, Number(headers.get('content-length')))
      : headers.get('transfer-encoding') === 'chunked'
        ? chunkedBody(this.#buffer, start)
        : { text: '', end: start }
    if (body === undefined) return
    this.#buffer = this.#buffer.subarray(body.end)
    if (headers.get('connection') === 'close') this.close()
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve({ status, headers, cookies, body: body.text })
  }
}

function parseHead(text: string) {
  const lines = text.split('\r\n')
  const headers = new Map<string, string>()
  const cookies: string[] = []
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at]!
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (name === 'set-cookie') cookies.push(value)
    else headers.set(name, value)
  }
  return { status: Number(lines[0]!.slice(9, 12)), headers, cookies }
}

interface Body {
  readonly text: string
  readonly end: number
}

function fixedBody(buffer: Buffer, start: number, length: number): Body | undefined {
  const end = start + length
  return buffer.length < end ? undefined : { text: buffer.toString('utf8', start, end), end }
}

function chunkedBody(buffer: Buffer, start: number): Body | undefined {
  const parts: string[] = []
  for (let at = start; ;) {
    const lineEnd = buffer.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const length = Number.parseInt(buffer.toString('latin1', at, lineEnd), 16)
    const end = lineEnd + 2 + length + 2
    if (buffer.length < end) return undefined
    if (length === 0) return { text: parts.join(''), end }
    parts.push(buffer.toString('utf8', lineEnd + 2, end - 2))
    at = end
  }
}
