import { sha256 as createSha256 } from '@noble/hashes/sha2'
import { type BodySource, CryptoFault, type RecordDirectory, sha256, sourceOf } from '@medguard/crypto'
import { toHex } from '@medguard/protocol'
import type { NamedFile } from './api.ts'
import { crc32 } from './crc-32.ts'
import { safePaths } from './safe-names.ts'
import { directoryBytes, localHeader, placesOf, type ZippedFile } from './zip-format.ts'

const PIECE_BYTES = 2 ** 20

/** The content of a record of several files. */
export interface ZippedContent {
  readonly source: BodySource
  /** Goes into the record's header. */
  readonly directory: RecordDirectory
}

/** Length of the archive that these files make, before any of them is read. */
export function zippedBytes(files: readonly NamedFile[]): { sizeBytes: number; directoryBytes: number } {
  const named = inOrder(files).map(({ name, source }) => ({ name, sizeBytes: source.sizeBytes }))
  const { directoryStart } = placesOf(named)
  const directory = directoryBytes(named.map((file) => ({ ...file, crc32: 0, sha256: NO_HASH })))
  return { sizeBytes: directoryStart + directory.length, directoryBytes: directory.length }
}
const NO_HASH = new Uint8Array(32)

/**
 * Several files as one stored ZIP archive that is never in memory: each is read once for its hashes, then again wherever the archive is read. The same
 * files make the same bytes, in whatever order they come, so that storing them can be gone on with.
 *
 * @throws CryptoFault SourceChanged for a file that is not as long as it said; reading the archive throws it where a file has changed.
 */
export async function zipOf(files: readonly NamedFile[], onRead?: (bytes: number) => void): Promise<ZippedContent> {
  const sorted = inOrder(files)
  const zipped: ZippedFile[] = []
  for (const { name, source } of sorted) zipped.push({ name, ...(await hashesOf(source, onRead)) })
  const { starts, directoryStart } = placesOf(zipped)
  const end = directoryBytes(zipped)
  const parts: Part[] = zipped.flatMap((file, i) => {
    const start = starts[i] ?? 0
    const header = localHeader(file)
    const from = sorted[i]?.source
    if (from === undefined) return []
    return [
      { start: start - header.length, end: start, read: async (a, b) => header.subarray(a, b) },
      { start, end: start + file.sizeBytes, read: unchanged(from, file) },
    ]
  })
  parts.push({
    start: directoryStart,
    end: directoryStart + end.length,
    read: async (a, b) => end.subarray(a, b),
  })
  return {
    source: { sizeBytes: directoryStart + end.length, read: (from, to) => readParts(parts, from, to) },
    directory: { start: directoryStart, sha256: toHex(await sha256(end)) },
  }
}

interface Part {
  readonly start: number
  readonly end: number
  /** Offsets within the part. */
  readonly read: (from: number, to: number) => Promise<Uint8Array>
}

async function readParts(parts: readonly Part[], from: number, to: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(to - from)
  for (let i = firstEndingAfter(parts, from); ; i++) {
    const part = parts[i]
    if (part === undefined || part.start >= to) return bytes
    const [a, b] = [Math.max(from, part.start), Math.min(to, part.end)]
    if (a < b) bytes.set(await part.read(a - part.start, b - part.start), a - from)
  }
}

function firstEndingAfter(parts: readonly Part[], offset: number): number {
  let [low, high] = [0, parts.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((parts[middle]?.end ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return low
}

/** Names first, since they decide the order; equal ones are told apart as they come. */
function inOrder(files: readonly NamedFile[]): { name: string; source: BodySource }[] {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const names = safePaths(sorted.map(({ name }) => name))
  return sorted.map(({ content }, i) => ({ name: names[i] ?? '', source: sourceOf(content) }))
}

async function hashesOf(source: BodySource, onRead?: (bytes: number) => void): Promise<Omit<ZippedFile, 'name'>> {
  const { sizeBytes } = source
  const hash = createSha256.create()
  let crc = 0
  for (let start = 0; start < sizeBytes; start += PIECE_BYTES) {
    const piece = await readAll(source, start, Math.min(sizeBytes, start + PIECE_BYTES))
    hash.update(piece)
    crc = crc32(piece, crc)
    onRead?.(piece.length)
  }
  return { sizeBytes, crc32: crc, sha256: hash.digest() }
}

/** A file that is read from its beginning to its end must be the one whose hashes stand in the directory. */
function unchanged(source: BodySource, { crc32: expected, sizeBytes }: ZippedFile): Part['read'] {
  let next = 0
  let crc = 0
  return async (from, to) => {
    const piece = await readAll(source, from, to)
    if (from === 0) [next, crc] = [0, 0]
    if (from !== next) return piece // a chunk out of its turn: the whole is looked at from its beginning first
    crc = crc32(piece, crc)
    next = to
    if (to === sizeBytes && crc !== expected) throw new CryptoFault('SourceChanged', 'a file has changed')
    return piece
  }
}

async function readAll(source: BodySource, from: number, to: number): Promise<Uint8Array> {
  const bytes = await source.read(from, to)
  if (bytes.length !== to - from) throw new CryptoFault('SourceChanged', 'a file is shorter than it was')
  return bytes
}
