import { gzipSync } from 'node:zlib'

const packed = new WeakMap<Uint8Array, Uint8Array>()

/** A module as an ingress message of 2 MiB can carry it. Once for each: it takes half a second. */
export function packModule(wasm: Uint8Array): Uint8Array {
  const known = packed.get(wasm)
  if (known !== undefined) return known
  const small = new Uint8Array(gzipSync(wasm, { level: 6 }))
  packed.set(wasm, small)
  return small
}
