import { concatBytes, fromHex, toHex } from '@medguard/protocol'
import type { Rows } from './maps.ts'

const MESSAGE_BYTES = 1_800_000

export interface RowCollector {
  readonly rows: Rows
  /** Whether what was written since the last `take` fills a message. */
  isFull(): boolean
  /** What was written, as `key length u8 || key || value length u16 || value` each, in messages; it is forgotten here. */
  take(): Uint8Array[]
}

/** Rows that a store writes in this process, to be put into a canister as they are: in the canister it would take hours for a million. */
export function collectRows(): RowCollector {
  const kept = new Map<string, Uint8Array>()
  let sizeBytes = 0
  const set = (key: Uint8Array, value: Uint8Array) => {
    kept.set(toHex(key), value.slice())
    sizeBytes += key.length + value.length
  }
  return {
    rows: {
      get: (key) => kept.get(toHex(key)),
      has: (key) => kept.has(toHex(key)),
      set,
      overwrite: set,
      delete: (key) => void kept.delete(toHex(key)),
    },
    isFull: () => sizeBytes > MESSAGE_BYTES,
    take() {
      const messages: Uint8Array[] = []
      let parts: Uint8Array[] = []
      let partBytes = 0
      const flush = () => {
        if (parts.length > 0) messages.push(concatBytes(...parts))
        parts = []
        partBytes = 0
      }
      for (const [name, value] of kept) {
        const key = fromHex(name) ?? new Uint8Array()
        const head = Uint8Array.of(key.length, ...key, value.length >>> 8, value.length & 0xff)
        parts.push(head, value)
        partBytes += head.length + value.length
        if (partBytes > MESSAGE_BYTES) flush()
      }
      flush()
      kept.clear()
      sizeBytes = 0
      return messages
    },
  }
}

/** Bytes as ids have them: no two alike, and nothing to see in them. */
export const madeUpId = (n: number, sizeBytes: number): Uint8Array =>
  Uint8Array.from({ length: sizeBytes }, (_, i) => {
    const mixed = Math.imul(n + 1, 0x9e37_79b1) ^ Math.imul(i + 1, 0x85eb_ca6b)
    return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2_ae35) >>> 24
  })
