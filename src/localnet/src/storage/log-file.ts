import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, readSync } from 'node:fs'
import { type Delta } from '../contracts.ts'
import type { Disk } from './disk.ts'
import {
  bodyIsWhole,
  check,
  CHECK_BYTES,
  decodeBody,
  decodeHead,
  encodeRecord,
  HEAD_BYTES,
  TAG_BYTES,
  type Place,
} from './record.ts'
import { StorageError } from './storage-error.ts'

// The file starts with: "LOCALNET" (8) || version (4, big endian) || tag (16) || check of all that (16).
const MAGIC = Buffer.from('LOCALNET')
const VERSION = 1
const TAG_AT = MAGIC.length + 4
const CHECK_AT = TAG_AT + TAG_BYTES
const FILE_HEAD_BYTES = CHECK_AT + CHECK_BYTES
/** Below IOV_MAX of every system Node runs on. */
const PARTS_AT_ONCE = 512
const SEARCH_WINDOW_BYTES = 1024 * 1024

/** One log on disk: where each live value lies, and the means to add a delta. Knows nothing of locks and compaction. */
export interface LogFile {
  readonly index: ReadonlyMap<string, Place>
  /** Bytes of the file, and the part of them that are live values. */
  readonly sizeBytes: () => number
  readonly liveBytes: () => number
  read(place: Place): Buffer
  /** Writes without syncing. On an error the file holds what it held before, or the error says otherwise by being a StorageError. */
  write(delta: Delta): void
  /** Waits until everything written is on disk. */
  sync(): void
  close(): void
}

/** Makes a new, empty log. The file must not exist. */
export function createLogFile(disk: Disk, path: string): LogFile {
  const fd = disk.open(path, 'wx+')
  const tag = randomBytes(TAG_BYTES)
  const version = Buffer.alloc(4)
  version.writeUInt32BE(VERSION, 0)
  const head = Buffer.concat([MAGIC, version, tag])
  try {
    writeAll(disk, fd, [head, check([head])], 0)
  } catch (error) {
    closeSync(fd)
    throw error
  }
  return attach(disk, fd, tag, { end: FILE_HEAD_BYTES, sequence: 0, index: new Map() })
}

/**
 * Opens a log, checks every record in it, and cuts off what a crash left half written at its end.
 *
 * @throws StorageError `version` or `corrupt`. A record that fails its check is the torn end only if no good one follows: each record is
 * synced before the next is written.
 */
export function openLogFile(disk: Disk, path: string): LogFile {
  const fd = disk.open(path, 'r+')
  try {
    const tag = readFileHead(fd, path)
    const scanned = scan(fd, tag, path)
    if (scanned.end < fstatSync(fd).size) disk.truncate(fd, scanned.end)
    // A killed process may have left its last record to the kernel alone. Now it counts, so it has to be on disk.
    disk.sync(fd)
    return attach(disk, fd, tag, scanned)
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

interface Scanned {
  end: number
  sequence: number
  readonly index: Map<string, Place>
}

function attach(disk: Disk, fd: number, tag: Buffer, state: Scanned): LogFile {
  const { index } = state
  let liveBytes = 0
  for (const place of index.values()) liveBytes += place.length
  return {
    index,
    sizeBytes: () => state.end,
    liveBytes: () => liveBytes,
    read: (place) => readExactly(fd, place.offset, place.length),
    write(delta) {
      const record = encodeRecord(tag, state.sequence, delta)
      try {
        writeAll(disk, fd, record.parts, state.end)
      } catch (error) {
        undo(disk, fd, state.end, error)
        throw error
      }
      for (const key of delta.deletes) {
        liveBytes -= index.get(key)?.length ?? 0
        index.delete(key)
      }
      for (const [key, place] of record.places) {
        liveBytes += place.length - (index.get(key)?.length ?? 0)
        index.set(key, { offset: state.end + place.offset, length: place.length })
      }
      state.end += record.bytes
      state.sequence++
    },
    sync: () => disk.sync(fd),
    close: () => closeSync(fd),
  }
}

/** Without this, a later and shorter record would leave the remains of a failed one behind it. */
function undo(disk: Disk, fd: number, end: number, cause: unknown): void {
  try {
    disk.truncate(fd, end)
  } catch {
    throw new StorageError('failed', 'a write failed and its remains could not be removed', cause)
  }
}

function readFileHead(fd: number, path: string): Buffer {
  const head = readAtMost(fd, 0, FILE_HEAD_BYTES)
  if (head.length < FILE_HEAD_BYTES || Buffer.compare(head.subarray(0, MAGIC.length), MAGIC) !== 0) {
    throw new StorageError('corrupt', `${path} does not start as a log of localnet`)
  }
  const version = head.readUInt32BE(MAGIC.length)
  if (version !== VERSION) {
    throw new StorageError('version', `${path} has layout version ${version}; this program reads version ${VERSION}`)
  }
  if (Buffer.compare(check([head.subarray(0, CHECK_AT)]), head.subarray(CHECK_AT)) !== 0) {
    throw new StorageError('corrupt', `the head of ${path} is damaged`)
  }
  return head.subarray(TAG_AT, CHECK_AT)
}

function scan(fd: number, tag: Buffer, path: string): Scanned {
  const { size } = fstatSync(fd)
  const state: Scanned = { end: FILE_HEAD_BYTES, sequence: 0, index: new Map() }
  while (state.end < size) {
    const head = decodeHead(tag, readAtMost(fd, state.end, HEAD_BYTES))
    const bodyAt = state.end + HEAD_BYTES
    const body = head === null || head.bodyBytes > size - bodyAt ? null : readExactly(fd, bodyAt, head.bodyBytes)
    if (head === null || body === null || head.sequence !== state.sequence || !bodyIsWhole(head, body)) {
      if (hasLaterRecord(fd, tag, state, size)) {
        throw new StorageError(
          'corrupt',
          `${path} is damaged at byte ${state.end}: records follow that were stored after it`,
        )
      }
      return state
    }
    const { deletes, places } = decodeBody(body)
    for (const key of deletes) state.index.delete(key)
    for (const [key, place] of places) {
      state.index.set(key, { offset: bodyAt + place.offset, length: place.length })
    }
    state.end = bodyAt + head.bodyBytes
    state.sequence++
  }
  return state
}

/** Whether a whole head with a higher sequence number lies anywhere behind the end of what could be read. */
function hasLaterRecord(fd: number, tag: Buffer, state: Scanned, size: number): boolean {
  for (let from = state.end; from < size; from += SEARCH_WINDOW_BYTES) {
    const window = readAtMost(fd, from, SEARCH_WINDOW_BYTES + HEAD_BYTES - 1)
    for (let at = window.indexOf(tag); at !== -1; at = window.indexOf(tag, at + 1)) {
      const head = decodeHead(tag, window.subarray(at, at + HEAD_BYTES))
      if (head !== null && head.sequence > state.sequence) return true
    }
  }
  return false
}

function writeAll(disk: Disk, fd: number, parts: readonly Uint8Array[], position: number): void {
  let at = position
  let rest = parts.filter((part) => part.length > 0)
  while (rest.length > 0) {
    let written = disk.write(fd, rest.slice(0, PARTS_AT_ONCE), at)
    at += written
    let done = 0
    for (const part of rest) {
      if (written < part.length) break
      written -= part.length
      done++
    }
    const [first, ...others] = rest.slice(done)
    rest = first === undefined ? [] : [first.subarray(written), ...others]
  }
}

function readAtMost(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const count = readSync(fd, buffer, filled, length - filled, position + filled)
    if (count === 0) break
    filled += count
  }
  return buffer.subarray(0, filled)
}

function readExactly(fd: number, position: number, length: number): Buffer {
  const bytes = readAtMost(fd, position, length)
  if (bytes.length < length) throw new StorageError('corrupt', `the log ends before byte ${position + length}`)
  return bytes
}
