/** What we use of the package `smpp` 0.5.1, which brings no types. Names as in the SMPP 3.4 specification. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events'
  import type { Server as NetServer, Socket } from 'node:net'

  export interface Pdu {
    readonly command: string
    readonly command_status: number
    readonly sequence_number: number
    readonly esm_class?: number
    readonly data_coding?: number
    readonly registered_delivery?: number
    readonly system_id?: string
    readonly password?: string
    readonly source_addr?: string
    readonly destination_addr?: string
    readonly validity_period?: Date | string
    /** As received: decoded, with the elements of the user data header apart. */
    readonly short_message?: { readonly message: string | Buffer; readonly udh?: readonly Buffer[] }
    readonly message_id?: string
    readonly receipted_message_id?: string
    readonly message_state?: number
    isResponse(): boolean
    response(fields?: object): Pdu
  }

  export type Command = 'bind_transceiver' | 'submit_sm' | 'deliver_sm' | 'enquire_link' | 'unbind'

  export interface Session extends EventEmitter, Record<Command, Send> {
    readonly socket: Socket
    send(pdu: Pdu, answered?: (answer: Pdu) => void): boolean
    close(done?: () => void): void
    destroy(done?: () => void): void
  }
  /** False: the socket is no longer writable and nothing was sent. */
  type Send = (fields: object, answered?: (answer: Pdu) => void) => boolean

  export interface Server extends NetServer {
    readonly sessions: readonly Session[]
  }

  interface Smpp {
    connect(options: object): Session
    createServer(options: object, listener: (session: Session) => void): Server
    readonly errors: Readonly<Record<string, number>>
    readonly encodings: {
      /** GSM 03.38, one septet an octet. */
      readonly ASCII: { match(text: string): boolean; encode(text: string): Buffer }
      readonly UCS2: { encode(text: string): Buffer }
    }
  }
  const smpp: Smpp
  export default smpp
}
