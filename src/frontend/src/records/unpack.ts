import { RECORD_BYTES_MAX } from '@medguard/client'
import { PICKED_FILES_MAX, type PickedFile } from './picked-files.ts'

// ZIP files are read by their directory, which stands at the end, and inflated by the browser itself: a package for it would be one more that ships in the
// page. APPNOTE.TXT 6.3.10, without ZIP64: nothing so large fits a record.

const END_OF_DIRECTORY = { mark: 0x06_05_4b_50, bytes: 22, commentMax: 65_535 }
const IN_DIRECTORY = { mark: 0x02_01_4b_50, bytes: 46 }
const AT_CONTENT = { mark: 0x04_03_4b_50, bytes: 30 }
const [STORED, DEFLATED] = [0, 8]
const LOCKED = 1
const NAMED_IN_UTF8 = 1 << 11

interface Entry {
  readonly name: string
  readonly isLocked: boolean
  readonly method: number
  readonly packedBytes: number
  readonly bytes: number
  readonly at: number
}

/**
 * What is in a ZIP file, each under the file's own name as its folder, so that it is taken like a folder that was dropped.
 * @returns null for what is locked, broken, packed in another way, or larger unpacked than a record may be: that is kept as it is.
 */
export async function unpacked({ path, file }: PickedFile): Promise<readonly PickedFile[] | null> {
  try {
    const entries = (await directoryOf(file)).filter(({ name }) => !name.endsWith('/'))
    const total = entries.reduce((sum, { bytes }) => sum + bytes, 0)
    if (entries.length === 0 || entries.length > PICKED_FILES_MAX || total > RECORD_BYTES_MAX) return null
    const folder = path.replace(/\.zip$/i, '')
    const found: PickedFile[] = []
    for (const entry of entries) {
      const name = entry.name.split('/').at(-1) ?? entry.name
      found.push({ path: `${folder}/${entry.name}`, file: new File([await contentOf(file, entry)], name) })
    }
    return found
  } catch {
    return null
  }
}

const viewOf = async (blob: Blob): Promise<DataView> => new DataView(await blob.arrayBuffer())
class BrokenZip extends Error {}

/** @throws BrokenZip or RangeError for what is no ZIP file. */
async function directoryOf(file: File): Promise<Entry[]> {
  const { mark, bytes, commentMax } = END_OF_DIRECTORY
  const end = await viewOf(file.slice(Math.max(0, file.size - bytes - commentMax)))
  let at = end.byteLength - bytes
  while (at >= 0 && end.getUint32(at, true) !== mark) at--
  if (at < 0) throw new BrokenZip('no end')
  const start = end.getUint32(at + 16, true)
  const directory = await viewOf(file.slice(start, start + end.getUint32(at + 12, true)))
  const entries: Entry[] = []
  let place = 0
  for (let left = end.getUint16(at + 10, true); left > 0; left--) {
    if (directory.getUint32(place, true) !== IN_DIRECTORY.mark) throw new BrokenZip('no entry')
    const short = (offset: number) => directory.getUint16(place + offset, true)
    const long = (offset: number) => directory.getUint32(place + offset, true)
    const nameStart = place + IN_DIRECTORY.bytes
    const name = new Uint8Array(directory.buffer, nameStart, short(28))
    entries.push({
      name: new TextDecoder((short(8) & NAMED_IN_UTF8) === 0 ? 'windows-1252' : 'utf-8').decode(name),
      isLocked: (short(8) & LOCKED) !== 0,
      method: short(10),
      packedBytes: long(20),
      bytes: long(24),
      at: long(42),
    })
    place = nameStart + short(28) + short(30) + short(32)
  }
  return entries
}

async function contentOf(file: File, { isLocked, method, packedBytes, bytes, at }: Entry): Promise<Blob> {
  const head = await viewOf(file.slice(at, at + AT_CONTENT.bytes))
  if (isLocked || head.getUint32(0, true) !== AT_CONTENT.mark) throw new BrokenZip('locked, or no content')
  const start = at + AT_CONTENT.bytes + head.getUint16(26, true) + head.getUint16(28, true)
  const packed = file.slice(start, start + packedBytes)
  const content = method === DEFLATED ? await inflated(packed, bytes) : packed
  if ((method !== STORED && method !== DEFLATED) || content.size !== bytes) throw new BrokenZip('another size')
  return content
}

/** No more than it is said to be: a small file may unpack to a very large one. */
function inflated(packed: Blob, bytesMax: number): Promise<Blob> {
  let bytes = 0
  const limit = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(piece, out) {
      bytes += piece.length
      if (bytes > bytesMax) out.error(new BrokenZip('larger than it says'))
      else out.enqueue(piece)
    },
  })
  return new Response(packed.stream().pipeThrough(new DecompressionStream('deflate-raw')).pipeThrough(limit)).blob()
}
