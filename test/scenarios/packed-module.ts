import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const FOLDER = join(import.meta.dirname, '../../.azle/packed')
const packed = new WeakMap<Uint8Array, Uint8Array>()

/** A module as an ingress message of 2 MiB can carry it. Once for each and kept beside the build: it takes half a second, in every process that tests. */
export function packModule(wasm: Uint8Array): Uint8Array {
  const known = packed.get(wasm)
  if (known !== undefined) return known
  const kept = join(FOLDER, `${createHash('sha256').update(wasm).digest('hex')}.gz`)
  const small = readKept(kept) ?? keep(kept, gzipSync(wasm, { level: 6 }))
  packed.set(wasm, small)
  return small
}

function readKept(path: string): Uint8Array | null {
  try {
    return new Uint8Array(readFileSync(path))
  } catch {
    return null
  }
}

/** Whole or not at all: other processes look at the same time. */
function keep(path: string, bytes: Uint8Array): Uint8Array {
  mkdirSync(FOLDER, { recursive: true })
  const own = `${path}.${process.pid}.${Math.random()}`
  writeFileSync(own, bytes)
  renameSync(own, path)
  return new Uint8Array(bytes)
}
