import { openEventStream } from '../platform/index.ts'
import { signed, type Endpoint } from './endpoint.ts'

const listen = signed({
  method: 'GET',
  path: '/events',
  summary: 'Tells at once when something waits for this phone.',
  description:
    'A stream of events without data that matters (HTML, "Server-sent events"), read with fetch since the call is ' +
    'signed. `request`: ask for /app/api/request. `ended`: this phone is none any more; the stream ends. `replaced`: ' +
    'this phone listens in another place; the stream ends, and should not be opened again from here. Comments are signs ' +
    'of life, every 20 seconds. A stream that ends otherwise is opened again.',
  answers: {
    200: { what: 'The stream.', type: 'text/event-stream' },
    503: { what: 'Too many are open: ask instead.' },
  },
  refused: [],
  async answer({ parts, call, request, reply }) {
    const stream = openEventStream(request, reply, `phone:${call.device.id}`)
    if (!stream) return 'answered'
    const stop = parts.watch.follow(call.device.id, (event) => {
      stream.send(event)
      if (event !== 'request') stream.close()
    })
    stream.onClose(stop)
    return 'answered'
  },
})

export const eventEndpoints: readonly Endpoint[] = [listen]
