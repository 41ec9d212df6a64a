import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import type { Prng } from '@medguard/localnet'

// Clients in a world without chance: random bytes come from a seed, WebCrypto works at once instead of in other threads, and timers are rung
// by the simulation. What runs when then depends on the seed alone.

export interface OneThread {
  /** When the earliest timer rings, milliseconds since 1970; null without any. */
  nextTimerMs(): number | null
  /** Rings every timer that is due. */
  ring(nowMs: number): void
  restore(): void
}

/** @param nowMs the simulated time. */
export function workInOneThread(prng: Prng, nowMs: () => number): OneThread {
  const { crypto, setTimeout, clearTimeout } = globalThis
  const random = Math.random
  const timers = new Map<number, { readonly atMs: number; readonly ring: () => void }>()
  let nextTimer = 1
  const getRandomValues = <T extends ArrayBufferView>(target: T): T => {
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(prng.bytes(target.byteLength))
    return target
  }
  Object.defineProperty(crypto, 'getRandomValues', { value: getRandomValues, configurable: true })
  Object.defineProperty(crypto, 'subtle', { value: SUBTLE, configurable: true })
  Math.random = () => prng.below(2 ** 32) / 2 ** 32
  globalThis.setTimeout = ((ring: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) => {
    const id = nextTimer++
    timers.set(id, { atMs: nowMs() + delayMs, ring: () => ring(...args) })
    return id
  }) as unknown as typeof setTimeout
  globalThis.clearTimeout = ((id: number) => void timers.delete(id)) as typeof clearTimeout
  return {
    nextTimerMs: () => (timers.size === 0 ? null : Math.min(...[...timers.values()].map(({ atMs }) => atMs))),
    ring(now) {
      for (const [id, { atMs, ring }] of timers) {
        if (atMs > now) continue
        timers.delete(id)
        ring()
      }
    },
    restore() {
      // The platform's own are on the prototype.
      Reflect.deleteProperty(crypto, 'getRandomValues')
      Reflect.deleteProperty(crypto, 'subtle')
      Math.random = random
      globalThis.setTimeout = setTimeout
      globalThis.clearTimeout = clearTimeout
    },
  }
}

/** As much of WebCrypto as the client uses. A key is its bytes. */
interface PlainKey {
  readonly material: Uint8Array
}

const bytesOf = (source: BufferSource): Buffer =>
  source instanceof ArrayBuffer ? Buffer.from(source) : Buffer.from(source.buffer, source.byteOffset, source.byteLength)
const own = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

const derive = ({ salt, info }: HkdfParams, { material }: PlainKey, bits: number): ArrayBuffer =>
  hkdfSync('sha256', material, bytesOf(salt), bytesOf(info), bits / 8)

function open({ iv, additionalData }: AesGcmParams, { material }: PlainKey, sealed: BufferSource): ArrayBuffer {
  const bytes = bytesOf(sealed)
  const cipher = createDecipheriv('aes-256-gcm', material, bytesOf(iv))
  if (additionalData !== undefined) cipher.setAAD(bytesOf(additionalData))
  cipher.setAuthTag(bytes.subarray(-16))
  return own(Buffer.concat([cipher.update(bytes.subarray(0, -16)), cipher.final()]))
}

const OPERATIONS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  digest: (_algorithm: string, data: BufferSource) => own(createHash('sha256').update(bytesOf(data)).digest()),
  importKey: (_format: string, data: BufferSource): PlainKey => ({ material: new Uint8Array(bytesOf(data)) }),
  deriveBits: derive,
  deriveKey: (parameters: HkdfParams, key: PlainKey): PlainKey => ({
    material: new Uint8Array(derive(parameters, key, 256)),
  }),
  encrypt({ iv, additionalData }: AesGcmParams, { material }: PlainKey, data: BufferSource) {
    const cipher = createCipheriv('aes-256-gcm', material, bytesOf(iv))
    if (additionalData !== undefined) cipher.setAAD(bytesOf(additionalData))
    return own(Buffer.concat([cipher.update(bytesOf(data)), cipher.final(), cipher.getAuthTag()]))
  },
  decrypt: open,
  unwrapKey: (_format: string, sealed: BufferSource, key: PlainKey, parameters: AesGcmParams): PlainKey => ({
    material: new Uint8Array(open(parameters, key, sealed)),
  }),
}

const SUBTLE = Object.fromEntries(
  Object.entries(OPERATIONS).map(([name, operation]) => [
    name,
    // oxlint-disable-next-line require-await
    async (...args: never[]) => operation(...args),
  ]),
)
