import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { gatherWrites } from '../../src/platform/store/gather-writes.ts'
import type { Teardown } from '../support/database.ts'

/** A socket whose writes are gathered, what reached the wire as it was written, and what arrived at the other end. */
async function gathering(t: Teardown) {
  let arrived = ''
  const server = createServer((socket) => socket.setEncoding('utf8').on('data', (text: string) => (arrived += text)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  t.teardown(() => {
    socket.destroy()
    server.close()
  })
  const written: string[] = []
  const write: (chunk: string | Uint8Array) => boolean = socket.write.bind(socket)
  socket.write = (chunk: string | Uint8Array) => {
    written.push(Buffer.from(chunk as Uint8Array).toString())
    return write(chunk)
  }
  gatherWrites(socket)
  return { socket, server, written, arrived: () => arrived }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

t.test('what is written in one turn leaves in one piece, in its order', async (t) => {
  const { socket, written, arrived } = await gathering(t)
  for (const word of ['one ', 'two ', 'ñ ']) socket.write(word)
  t.same(written, [], 'not before the end of the turn')
  await nextTurn()
  t.same(written, ['one two ñ '])
  socket.write('three')
  await nextTurn()
  t.same(written, ['one two ñ ', 'three'])
  socket.end()
  await once(socket, 'close')
  t.equal(arrived(), 'one two ñ three')
})

t.test('bytes keep their place between texts', async (t) => {
  const { socket, written } = await gathering(t)
  socket.write('before ')
  socket.write(Buffer.from('bytes '))
  socket.write('after')
  await nextTurn()
  t.same(written, ['before ', 'bytes ', 'after'])
})

t.test('nothing is written to a connection that was lost meanwhile', async (t) => {
  const { socket, written } = await gathering(t)
  socket.on('error', () => t.fail('no error either'))
  socket.write('too late')
  socket.destroy()
  await nextTurn()
  await once(socket, 'close')
  t.same(written, [])
})
