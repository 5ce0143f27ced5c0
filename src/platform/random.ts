import { randomFillSync, randomInt, randomUUID } from 'node:crypto'

/** Every random value of the service comes from here; a test may hand in another one. */
export interface Random {
  /** `length` decimal digits, uniformly drawn. */
  digits(length: number): string
  /** Unguessable text, base64url without padding; 32 bytes unless told otherwise. */
  token(bytes?: number): string
  uuid(): string
  bytes(length: number): Buffer
}

/**
 * Bytes are drawn from the operating system 8 KiB at a time, as Node itself does for UUIDs: a login takes some twenty
 * random values, and each draw of its own would be a system call. What was handed out is wiped.
 */
const pool = Buffer.alloc(8192)
let used = pool.length

function take(length: number): Buffer {
  if (length > pool.length) return randomFillSync(Buffer.alloc(length))
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = Buffer.from(pool.subarray(used, used + length))
  pool.fill(0, used, used + length)
  used += length
  return bytes
}

export const systemRandom: Random = {
  digits: (length) => Array.from({ length }, () => randomInt(10)).join(''),
  token: (bytes = 32) => take(bytes).toString('base64url'),
  uuid: () => randomUUID(),
  bytes: take,
}
