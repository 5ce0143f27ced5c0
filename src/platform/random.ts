import { randomBytes, randomInt, randomUUID } from 'node:crypto'

/** Every random value of the service comes from here; a test may hand in another one. */
export interface Random {
  /** `length` decimal digits, uniformly drawn. */
  digits(length: number): string
  /** Unguessable text, base64url without padding; 32 bytes unless told otherwise. */
  token(bytes?: number): string
  uuid(): string
  bytes(length: number): Buffer
}

export const systemRandom: Random = {
  digits: (length) => Array.from({ length }, () => randomInt(10)).join(''),
  token: (bytes = 32) => randomBytes(bytes).toString('base64url'),
  uuid: () => randomUUID(),
  bytes: (length) => randomBytes(length),
}
