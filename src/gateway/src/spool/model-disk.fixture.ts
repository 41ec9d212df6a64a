// A disk in memory that remembers what is on it for good, fails when told, and can be looked at as a crash would leave it.
import { basename } from 'node:path'
import type { Disk, DiskFile } from './disk.ts'

/** A file, and how to get back to what was there at the last sync. */
interface Stored {
  bytes: Buffer
  length: number
  undo: { readonly position: number; readonly before: Uint8Array; readonly length: number }[]
}
const emptyFile = (): Stored => ({ bytes: Buffer.alloc(64), length: 0, undo: [] })
const contentOf = ({ bytes, length }: Stored): Buffer => bytes.subarray(0, length)
function put(stored: Stored, position: number, part: Uint8Array): void {
  const end = position + part.length
  if (end > stored.bytes.length)
    stored.bytes = Buffer.concat([stored.bytes, Buffer.alloc(end * 2 - stored.bytes.length)])
  const before = Buffer.from(stored.bytes.subarray(position, Math.min(end, stored.length)))
  stored.undo.push({ position, before, length: stored.length })
  stored.bytes.set(part, position)
  stored.length = Math.max(stored.length, end)
}
function durableOf({ bytes, length, undo }: Stored): Buffer {
  const content = Buffer.from(bytes)
  let end = length
  for (const step of undo.toReversed()) {
    content.set(step.before, step.position)
    end = step.length
  }
  return content.subarray(0, end)
}

/** `kill`: the process ends and the computer goes on. The others are power cuts: only what was synced is there; names are there and contents are not; contents are there, the last one in part. */
export const CRASHES = ['kill', 'nothing', 'names', 'torn'] as const
export type Crash = (typeof CRASHES)[number]

export class Crashed extends Error {}

export interface ModelDisk extends Disk {
  /** Changes so far. */
  readonly changes: number
  /** Ends everything at that change, which does not happen, or half of it for a write. */
  crashAt(change: number): void
  /** Fails with this code from that change on, until told otherwise. */
  failAt(change: number, code: string, isOnce?: boolean): void
  /** The disk as another process finds it. */
  after(crash: Crash): ModelDisk
}

export function modelDisk(names = new Map<string, Stored>(), durableNames = new Map(names)): ModelDisk {
  let changes = 0
  let crashAt = Number.POSITIVE_INFINITY
  let failing: { readonly at: number; readonly code: string; readonly isOnce: boolean } | null = null
  const step = (half?: () => void): void => {
    changes++
    if (changes >= crashAt) {
      if (changes === crashAt) half?.()
      throw new Crashed()
    }
    if (failing === null || changes < failing.at) return
    const { code, isOnce } = failing
    if (isOnce) failing = null
    half?.()
    throw Object.assign(new Error(code), { code })
  }
  const fileOf = (stored: Stored): DiskFile => ({
    sizeBytes: async () => stored.length,
    read: async (position, length) => Buffer.from(contentOf(stored).subarray(position, position + length)),
    async write(position, bytes) {
      step(() => put(stored, position, bytes.subarray(0, bytes.length >> 1)))
      put(stored, position, bytes)
    },
    async truncate(length) {
      step()
      const before = Buffer.from(contentOf(stored).subarray(length))
      stored.undo.push({ position: length, before, length: stored.length })
      stored.length = length
    },
    async sync() {
      step()
      stored.undo = []
    },
    close: async () => {},
  })
  return {
    get changes() {
      return changes
    },
    crashAt: (change) => void (crashAt = change),
    failAt: (at, code, isOnce = false) => void (failing = { at, code, isOnce }),
    makeFolder: async () => {},
    async openFile(path) {
      const stored = names.get(basename(path))
      return stored === undefined ? null : fileOf(stored)
    },
    async newFile(path) {
      step()
      const stored = emptyFile()
      names.set(basename(path), stored)
      return fileOf(stored)
    },
    async rename(from, to) {
      step()
      const stored = names.get(basename(from))
      if (stored === undefined) throw new Error('nothing to rename')
      names.delete(basename(from))
      names.set(basename(to), stored)
    },
    async remove(path) {
      if (!names.has(basename(path))) return
      step()
      names.delete(basename(path))
    },
    async syncFolder() {
      step()
      durableNames.clear()
      for (const [name, stored] of names) durableNames.set(name, stored)
    },
    after(crash) {
      const left = new Map<string, Stored>()
      for (const [name, stored] of crash === 'kill' || crash === 'names' ? names : durableNames) {
        const [content, durable] = [contentOf(stored), durableOf(stored)]
        const kept = crash === 'kill' ? content : crash === 'torn' ? tornBetween(durable, content) : durable
        left.set(name, { bytes: Buffer.from(kept), length: kept.length, undo: [] })
      }
      return modelDisk(left)
    },
  }
}

/** Of what was written since the last sync, the first half. */
const tornBetween = (durable: Buffer, content: Buffer): Buffer =>
  content.length <= durable.length
    ? durable
    : content.subarray(0, durable.length + ((content.length - durable.length) >> 1))
