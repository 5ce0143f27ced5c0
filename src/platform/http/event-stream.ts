import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './http.ts'

/** Server-sent events (HTML, "Server-sent events") to one browser or app that waits. */
export interface EventStream {
  /** `data` as JSON. A reader that takes nothing is let go: it asks again when it can. */
  send(event: string, data?: unknown): void
  /** Ends the stream; the reader may open another. */
  close(): void
  /** Called once, whoever ended it. */
  onClose(done: () => void): void
}

/** All that are open in this process. */
export interface EventStreams {
  open(): number
}

declare module 'fastify' {
  interface FastifyInstance {
    eventStreams: EventStreams & { add(stream: Open, of: string): boolean; remove(stream: Open, of: string): void }
  }
}

interface Open {
  beat(now: number): void
  close(): void
}

/** So many are open at once in a process unless told; who comes later asks again and again instead (503). */
const usualMost = 20_000
/** So many at once for one login, as of a page in several tabs: the oldest ends when there is one more. */
const mostOfOne = 5
/** Milliseconds between signs of life, by which proxies and readers know that a stream is not dead. */
const beatEvery = 20_000
/** Milliseconds after which a stream ends, so that readers spread over new processes. */
const longest = 30 * 60_000
const streamType = 'text/event-stream; charset=utf-8'
/** Octets that may wait for a reader. */
const backlog = 64 * 1024

/** Lets routes answer with streams; they end when the server stops, so that it need not wait for them. */
export function addEventStreams(app: App, most = usualMost): void {
  const streams = new Set<Open>()
  const byOne = new Map<string, Set<Open>>()
  const timer = setInterval(() => {
    const now = performance.now()
    for (const stream of streams) stream.beat(now)
  }, beatEvery)
  timer.unref()
  app.decorate('eventStreams', {
    open: () => streams.size,
    add(stream, of) {
      const [oldest, ...others] = byOne.get(of) ?? []
      if (others.length + 1 >= mostOfOne) oldest?.close()
      else if (streams.size >= most) return false
      byOne.set(of, (byOne.get(of) ?? new Set()).add(stream))
      streams.add(stream)
      return true
    },
    remove(stream, of) {
      streams.delete(stream)
      const own = byOne.get(of)
      if (own?.delete(stream) && own.size === 0) byOne.delete(of)
    },
  })
  app.addHook('preClose', (done) => {
    clearInterval(timer)
    for (const stream of streams) stream.close()
    done()
  })
}

/**
 * Answers this request with a stream; undefined: it is a HEAD, or there are too many (503), and was answered so.
 * `of`: whose it is, a login or a phone, of which a few are open at once.
 */
export function openEventStream(request: FastifyRequest, reply: FastifyReply, of: string): EventStream | undefined {
  if (request.method === 'HEAD') {
    void reply.type(streamType).send()
    return undefined
  }
  const { eventStreams } = request.server
  const { raw } = reply
  const ended: (() => void)[] = []
  const begun = performance.now()
  const write = (text: string) => {
    if (raw.writableEnded || raw.destroyed) return
    raw.write(text)
    if (raw.writableLength > backlog) raw.destroy()
  }
  const open: Open = {
    beat: (now) => (now - begun > longest ? raw.end() : write(':\n\n')),
    close: () => raw.end(),
  }
  if (!eventStreams.add(open, of)) {
    void reply.header('retry-after', '10').problem({ status: 503, title: 'Too many streams are open' })
    return undefined
  }
  // A reader that is gone is no fault of ours.
  raw.on('error', () => raw.destroy())
  raw.once('close', () => {
    eventStreams.remove(open, of)
    for (const done of ended) done()
  })
  begin(reply, raw)
  return {
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data ?? {})}\n\n`),
    close: open.close,
    onClose: (done) => void (raw.closed ? done() : ended.push(done)),
  }
}

function begin(reply: FastifyReply, raw: ServerResponse): void {
  reply.hijack()
  const headers = { 'content-type': streamType, 'x-accel-buffering': 'no' }
  for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...headers })) {
    if (value !== undefined) raw.setHeader(name, value)
  }
  raw.writeHead(200)
  // Milliseconds after which a browser asks again; different for each, so that they do not come all at once.
  raw.write(`retry: ${2_000 + ((performance.now() % 3_000) | 0)}\n\n`)
}
