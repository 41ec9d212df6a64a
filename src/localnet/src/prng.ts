// Random numbers that repeat: for simulations and tests, never for keys that shall stay unknown.
import { createHash } from 'node:crypto'

/** A stream of random values that depends on its seed alone. */
export interface Prng {
  readonly bytes: (count: number) => Uint8Array
  /** A whole number from 0 to `limit` - 1. @param limit from 1 to 2^32. */
  readonly below: (limit: number) => number
  /** True with this probability, from 0 to 1. Draws a number either way, so that a changed probability leaves later draws alone. */
  readonly chance: (probability: number) => boolean
  /** Another stream, which depends on seed and name: what is drawn from one never shifts the other. */
  readonly fork: (name: string) => Prng
}

const BLOCK_BYTES = 32

/** SHA-256 over seed and a counter. */
export function createPrng(seed: string): Prng {
  let counter = 0
  let block = Buffer.alloc(0)
  const bytes = (count: number): Uint8Array => {
    const drawn = new Uint8Array(count)
    for (let at = 0; at < count;) {
      if (block.length === 0) block = createHash('sha256').update(`${counter++} ${seed}`).digest()
      const taken = block.subarray(0, Math.min(BLOCK_BYTES, count - at))
      drawn.set(taken, at)
      block = block.subarray(taken.length)
      at += taken.length
    }
    return drawn
  }
  /** 48 bits: more than any limit here needs, so that the remainder's bias stays below 2^-16. */
  const number = () => Buffer.from(bytes(6)).readUIntBE(0, 6)
  return {
    bytes,
    below: (limit) => number() % limit,
    chance: (probability) => number() < probability * 2 ** 48,
    fork: (name) => createPrng(`${seed}/${name}`),
  }
}
