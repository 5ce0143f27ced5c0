import type { FastifyReply, FastifyRequest } from 'fastify'
import { openEventStream } from '../platform/index.ts'
import { isOpen, type Page, type Turn } from './page.ts'

type News = NonNullable<Page['news']>
type Handler = (turn: Turn, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** How it stands: JSON, for a page that asks again and again. A login that stands elsewhere by now says so. */
export const askNews =
  (page: Page, news: News): Handler =>
  async (turn, _request, reply) =>
    reply.send(isOpen(page, turn.login) ? await news.ask(turn) : moved)

/** The same as a stream: at once, and at each change (`event: news`). */
export const followNews =
  (page: Page, news: News): Handler =>
  async (turn, request, reply) => {
    if (!isOpen(page, turn.login)) return reply.send(moved)
    const stream = openEventStream(request, reply, `login:${turn.login.id}`)
    if (!stream) return reply
    try {
      stream.onClose(await news.follow(turn, (what) => stream.send('news', what)))
    } catch (err) {
      // A stream that says nothing would keep the page from asking.
      stream.close()
      request.log.warn({ err }, 'a page that waits could not be followed')
    }
    return reply
  }

const moved = { moved: true }
