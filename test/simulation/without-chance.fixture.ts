import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { createPrng, type Prng } from '@medguard/localnet'

// Ids, secrets and what the network draws come from a seed, so that a message costs the same whenever the same story is told.

export interface WithoutChance {
  /** What is drawn from here on depends on this name alone. */
  begin(name: string): void
  restore(): void
}

export function withoutChance(): WithoutChance {
  const { randomBytes } = crypto
  let prng: Prng = createPrng('')
  const replaceWith = (draw: (size: number) => Buffer) => {
    Object.assign(crypto, { randomBytes: draw })
    syncBuiltinESMExports()
  }
  replaceWith((size) => Buffer.from(prng.bytes(size)))
  const getRandomValues = <T extends ArrayBufferView>(target: T): T => {
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(prng.bytes(target.byteLength))
    return target
  }
  Object.defineProperty(globalThis.crypto, 'getRandomValues', { value: getRandomValues, configurable: true })
  return {
    begin(name) {
      prng = createPrng(name)
    },
    restore() {
      replaceWith(randomBytes)
      Reflect.deleteProperty(globalThis.crypto, 'getRandomValues') // the platform's own is on the prototype
    },
  }
}
