import { createHash } from 'node:crypto'
import { type Delta } from '../contracts.ts'
import { StorageError } from './storage-error.ts'

// One delta in the log, numbers big endian:
//
//   head, 64 bytes:  tag (16) || sequence (8) || body length (8) || body check (16) || head check (16)
//   body:            delete count (4) || put count (4) || deletes || puts
//   delete:          key length (4) || key
//   put:             key length (4) || value length (4) || key || value
//
// A check is the first half of a SHA-256. The tag is random and the same throughout a file: stored values are under the attacker's
// control, and must not be able to look like a head.

export const HEAD_BYTES = 64
export const TAG_BYTES = 16
export const CHECK_BYTES = 16
const CHECKED_HEAD_BYTES = HEAD_BYTES - CHECK_BYTES
const VALUE_BYTES_MAX = 0xffff_ffff

/** Where a value lies, in bytes from the start of the file or of the record. */
export interface Place {
  readonly offset: number
  readonly length: number
}

export interface RecordHead {
  readonly sequence: number
  readonly bodyBytes: number
  readonly bodyCheck: Buffer
}

export interface EncodedRecord {
  /** Written one behind the other; the values are not copied. */
  readonly parts: readonly Uint8Array[]
  readonly bytes: number
  /** Places of the puts, counted from the start of the record. */
  readonly places: readonly (readonly [key: string, place: Place])[]
}

export function encodeRecord(tag: Uint8Array, sequence: number, delta: Delta): EncodedRecord {
  const head = Buffer.alloc(HEAD_BYTES)
  const parts: Uint8Array[] = [head]
  const places: (readonly [string, Place])[] = []
  const counts = Buffer.alloc(8)
  counts.writeUInt32BE(delta.deletes.length, 0)
  counts.writeUInt32BE(delta.puts.length, 4)
  parts.push(counts)
  let bytes = HEAD_BYTES + counts.length
  for (const key of delta.deletes) {
    const keyBytes = Buffer.from(key)
    const entry = Buffer.alloc(4 + keyBytes.length)
    entry.writeUInt32BE(keyBytes.length, 0)
    entry.set(keyBytes, 4)
    parts.push(entry)
    bytes += entry.length
  }
  for (const [key, value] of delta.puts) {
    if (value.length > VALUE_BYTES_MAX) throw new RangeError(`value of ${key} is longer than ${VALUE_BYTES_MAX} bytes`)
    const keyBytes = Buffer.from(key)
    const entry = Buffer.alloc(8 + keyBytes.length)
    entry.writeUInt32BE(keyBytes.length, 0)
    entry.writeUInt32BE(value.length, 4)
    entry.set(keyBytes, 8)
    parts.push(entry, value)
    places.push([key, { offset: bytes + entry.length, length: value.length }])
    bytes += entry.length + value.length
  }
  head.set(tag, 0)
  head.writeBigUInt64BE(BigInt(sequence), 16)
  head.writeBigUInt64BE(BigInt(bytes - HEAD_BYTES), 24)
  head.set(check(parts.slice(1)), 32)
  head.set(check([head.subarray(0, CHECKED_HEAD_BYTES)]), CHECKED_HEAD_BYTES)
  return { parts, bytes, places }
}

/** @returns null for bytes that are not a whole head of this file. */
export function decodeHead(tag: Uint8Array, head: Buffer): RecordHead | null {
  if (head.length !== HEAD_BYTES || Buffer.compare(head.subarray(0, TAG_BYTES), tag) !== 0) return null
  if (Buffer.compare(check([head.subarray(0, CHECKED_HEAD_BYTES)]), head.subarray(CHECKED_HEAD_BYTES)) !== 0)
    return null
  return {
    sequence: Number(head.readBigUInt64BE(16)),
    bodyBytes: Number(head.readBigUInt64BE(24)),
    bodyCheck: Buffer.from(head.subarray(32, CHECKED_HEAD_BYTES)),
  }
}

export function bodyIsWhole(head: RecordHead, body: Buffer): boolean {
  return body.length === head.bodyBytes && Buffer.compare(check([body]), head.bodyCheck) === 0
}

/** Places are counted from the start of the body. @throws StorageError `corrupt`: the check fits, so nobody but us wrote this. */
export function decodeBody(body: Buffer): {
  readonly deletes: readonly string[]
  readonly places: readonly (readonly [key: string, place: Place])[]
} {
  try {
    let at = 0
    const length = () => {
      at += 4
      return body.readUInt32BE(at - 4)
    }
    const take = (count: number) => {
      if (count > body.length - at) throw new RangeError('an entry is longer than its record')
      at += count
      return body.subarray(at - count, at)
    }
    const deleteCount = length()
    const putCount = length()
    const deletes: string[] = []
    for (let index = 0; index < deleteCount; index++) deletes.push(take(length()).toString())
    const places: (readonly [string, Place])[] = []
    for (let index = 0; index < putCount; index++) {
      const keyBytes = length()
      const valueBytes = length()
      const key = take(keyBytes).toString()
      places.push([key, { offset: at, length: valueBytes }])
      take(valueBytes)
    }
    return { deletes, places }
  } catch (error) {
    throw new StorageError('corrupt', 'a record has the right check and the wrong layout', error)
  }
}

/** @returns 16 bytes. */
export function check(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest().subarray(0, CHECK_BYTES)
}
