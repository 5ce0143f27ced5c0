import type { Socket } from 'node:net'

/**
 * Has what is written to the socket within one turn of the event loop leave it together, at the turn's end: with many
 * logins under way each turn asks several things, and a write of its own for each costs more than the asking, on both
 * sides. Whoever asks alone waits for nothing: the turn ends at once.
 */
export function gatherWrites(socket: Socket): void {
  const write: (text: string | Uint8Array) => boolean = socket.write.bind(socket)
  let gathered = ''
  const flush = () => {
    const text = gathered
    gathered = ''
    if (text !== '' && socket.writable) write(text)
  }
  const gather = (chunk: string | Uint8Array): boolean => {
    if (typeof chunk !== 'string') {
      flush()
      return write(chunk)
    }
    if (gathered === '') setImmediate(flush)
    gathered += chunk
    return true
  }
  socket.write = gather
}
