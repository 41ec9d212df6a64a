import { CryptoFault } from '@medguard/crypto'
import { concatBytes, equalBytes } from '@medguard/protocol'

// A record of several files is one ZIP archive, its files stored as they are (PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16). Every length
// follows from the files' names and sizes, so that any part of it can be made or found without the rest. docs/crypto.md has the bytes.

export interface ZippedFile {
  /** A path that may be given to a file system (`safePaths`). */
  readonly name: string
  readonly sizeBytes: number
  readonly crc32: number
  /** Of the content, 32 bytes; in a field of its own in the directory. */
  readonly sha256: Uint8Array
}
/** One file and where in the archive its content begins. */
export interface PlacedFile extends ZippedFile {
  readonly start: number
}

/** More is no study that anybody looks at, and has a directory that a page would wait for. */
export const FILES_PER_RECORD_MAX = 10_000
export const DIRECTORY_BYTES_MAX = 4 * 2 ** 20
const NAME_BYTES_MAX = 1_100

const LOCAL_BYTES = 30
const CENTRAL_BYTES = 46
const END_BYTES = 22
const HASH_FIELD_BYTES = 4 + 32
const LOCAL_SIGNATURE = 0x04034b50
const CENTRAL_SIGNATURE = 0x02014b50
const END_SIGNATURE = 0x06054b50
/** `MG` in the order of bytes. */
const HASH_FIELD = 0x474d
const VERSION = 20
/** Made under Unix, so that programs read names as they stand, and files that only their owner reads. */
const MADE_BY = (3 << 8) | VERSION
const ATTRIBUTES = 0o100600 * 2 ** 16
const UTF_8 = 1 << 11
/** 1 January 1980, the earliest there is: when a file was written is nobody's business, and would make the archive another one each time. */
const DAY = (1 << 5) | 1

const nameBytes = (name: string): Uint8Array => new TextEncoder().encode(name)

/** Where the contents begin, file by file in their order, and where the directory does. */
export function placesOf(files: readonly { readonly name: string; readonly sizeBytes: number }[]) {
  const starts: number[] = []
  let end = 0
  for (const { name, sizeBytes } of files) {
    const start = end + LOCAL_BYTES + nameBytes(name).length
    starts.push(start)
    end = start + sizeBytes
  }
  return { starts, directoryStart: end }
}

/** What stands before a file's content. */
export function localHeader(file: ZippedFile): Uint8Array {
  const name = nameBytes(file.name)
  const bytes = new Uint8Array(LOCAL_BYTES + name.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, LOCAL_SIGNATURE, true)
  putCommon(view, 4, file, name.length)
  bytes.set(name, LOCAL_BYTES)
  return bytes
}

/** Everything behind the contents: an entry for each file, with its SHA-256, and the end of the archive. */
export function directoryBytes(files: readonly ZippedFile[]): Uint8Array {
  const { starts, directoryStart } = placesOf(files)
  const entries = files.map((file, i) => {
    const name = nameBytes(file.name)
    const bytes = new Uint8Array(CENTRAL_BYTES + name.length + HASH_FIELD_BYTES)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, CENTRAL_SIGNATURE, true)
    view.setUint16(4, MADE_BY, true)
    putCommon(view, 6, file, name.length)
    view.setUint16(30, HASH_FIELD_BYTES, true)
    view.setUint32(38, ATTRIBUTES, true)
    view.setUint32(42, (starts[i] ?? 0) - LOCAL_BYTES - name.length, true)
    bytes.set(name, CENTRAL_BYTES)
    view.setUint16(CENTRAL_BYTES + name.length, HASH_FIELD, true)
    view.setUint16(CENTRAL_BYTES + name.length + 2, 32, true)
    bytes.set(file.sha256, CENTRAL_BYTES + name.length + 4)
    return bytes
  })
  const end = new DataView(new ArrayBuffer(END_BYTES))
  end.setUint32(0, END_SIGNATURE, true)
  end.setUint16(8, files.length, true)
  end.setUint16(10, files.length, true)
  end.setUint32(
    12,
    entries.reduce((sum, { length }) => sum + length, 0),
    true,
  )
  end.setUint32(16, directoryStart, true)
  return concatBytes(...entries, new Uint8Array(end.buffer))
}

/**
 * Reads what `directoryBytes` makes, and nothing else: another program's archive is not read in part. Names are the author's word.
 *
 * @param start where the directory begins.
 * @throws CryptoFault BadFormat.
 */
export function readDirectory(bytes: Uint8Array, start: number): PlacedFile[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const files: ZippedFile[] = []
  let at = 0
  while (at + CENTRAL_BYTES <= bytes.length && view.getUint32(at, true) === CENTRAL_SIGNATURE) {
    const nameLength = view.getUint16(at + 28, true)
    const next = at + CENTRAL_BYTES + nameLength + HASH_FIELD_BYTES
    if (next > bytes.length || nameLength > NAME_BYTES_MAX || files.length === FILES_PER_RECORD_MAX) throw wrong()
    files.push({
      name: textOf(bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameLength)),
      sizeBytes: view.getUint32(at + 24, true),
      crc32: view.getUint32(at + 16, true),
      sha256: bytes.slice(next - 32, next),
    })
    at = next
  }
  const { starts, directoryStart } = placesOf(files)
  if (files.length === 0 || directoryStart !== start || !equalBytes(directoryBytes(files), bytes)) throw wrong()
  return files.map((file, i) => ({ ...file, start: starts[i] ?? 0 }))
}

/** The same of a whole body, by what its end says. @throws CryptoFault BadFormat. */
export function readWhole(body: Uint8Array): PlacedFile[] {
  if (body.length < END_BYTES) throw wrong()
  const start = new DataView(body.buffer, body.byteOffset + body.length - END_BYTES).getUint32(16, true)
  return readDirectory(body.subarray(start), start)
}

/** Fields that both kinds of headers have, from `version needed` on. */
function putCommon(view: DataView, at: number, { crc32, sizeBytes }: ZippedFile, nameLength: number): void {
  view.setUint16(at, VERSION, true)
  view.setUint16(at + 2, UTF_8, true)
  view.setUint16(at + 8, DAY, true)
  view.setUint32(at + 10, crc32, true)
  view.setUint32(at + 14, sizeBytes, true)
  view.setUint32(at + 18, sizeBytes, true)
  view.setUint16(at + 22, nameLength, true)
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new CryptoFault('BadFormat', 'a file name is not UTF-8', { cause })
  }
}

const wrong = () => new CryptoFault('BadFormat', 'the directory of the files is not one')
