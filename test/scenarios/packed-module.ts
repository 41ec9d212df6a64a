import { gzipSync } from 'node:zlib'

/** A module as an ingress message of 2 MiB can carry it. Packed lightly: tests install many, and send none of them far. */
export const packModule = (wasm: Uint8Array): Uint8Array => new Uint8Array(gzipSync(wasm, { level: 1 }))
