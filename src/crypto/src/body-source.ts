/** What a body is read from, a slice at a time, and what tells one content from another before a byte of it is sealed. */
import { sha256 as createSha256 } from '@noble/hashes/sha2'
import { type BodyPlan, planBody } from './body-plan.ts'
import { concatBytes, joinBytes, setCount, viewOf } from './bytes.ts'
import { CryptoFault } from './fault.ts'
import { infoOf } from './labels.ts'
import { type RecordPlace, type RecordSecret, recordFields, recordKeyOf } from './secrets.ts'
import { type OwnedBytes, hkdfBytes, sha256 } from './webcrypto.ts'

/** A content of known length that can be read more than once: a file, for instance. */
export interface BodySource {
  readonly sizeBytes: number
  /** The bytes from `start` up to `end`, both within the size. */
  read(start: number, end: number): Promise<Uint8Array>
}
export type BodyContent = Uint8Array | Blob | BodySource

export function sourceOf(content: BodyContent): BodySource {
  if (content instanceof Uint8Array)
    return { sizeBytes: content.length, read: async (start, end) => content.subarray(start, end) }
  if (content instanceof Blob)
    return {
      sizeBytes: content.size,
      read: async (start, end) => new Uint8Array(await content.slice(start, end).arrayBuffer()),
    }
  return content
}

/** Content of chunk `index` without padding. @throws CryptoFault SourceChanged when the source has less than it said. */
export async function readChunk(source: BodySource, plan: BodyPlan, index: number): Promise<Uint8Array> {
  const start = Math.min(source.sizeBytes, index * 2 ** plan.chunkLog2)
  const end = Math.min(source.sizeBytes, start + 2 ** plan.chunkLog2)
  const bytes = end === start ? new Uint8Array(0) : await source.read(start, end)
  if (bytes.length !== end - start) throw new CryptoFault('SourceChanged', 'the content is shorter than it was')
  return bytes
}

/** One reading of a content, from which any later reading is told apart chunk by chunk. Holds no content, and yet is not for others' eyes. */
export interface BodyPrint extends BodyPlan {
  readonly sizeBytes: number
  /** SHA-256 of each chunk, before padding. */
  readonly chunkHashes: readonly OwnedBytes[]
  /** SHA-256 of the whole, lower-case hexadecimal, as headers have it. */
  readonly bodySha256: string
}

/**
 * Reads a content once, from its beginning to its end.
 *
 * @param onRead is told how many bytes have been read.
 * @throws RangeError for a content or chunk size out of bounds. @throws CryptoFault SourceChanged.
 */
export async function printBody(
  source: BodySource,
  chunkLog2: number,
  onRead?: (doneBytes: number) => void,
): Promise<BodyPrint> {
  const plan = planBody(source.sizeBytes, chunkLog2)
  const whole = createSha256.create()
  const chunkHashes: OwnedBytes[] = []
  let doneBytes = 0
  for (let index = 0; index < plan.chunkCount; index++) {
    const bytes = await readChunk(source, plan, index)
    whole.update(bytes)
    chunkHashes.push(await sha256(bytes))
    doneBytes += bytes.length
    onRead?.(doneBytes)
  }
  return { ...plan, sizeBytes: source.sizeBytes, chunkHashes, bodySha256: hexOf(whole.digest()) }
}

/**
 * Says whether a content is the one that an interrupted pass was sealing, to nobody but who holds the record secret: 32 bytes,
 * HKDF of the secret with `H(chunkLog2(1) || size(8) || hashes of the chunks)` as salt.
 */
export async function resumeTagOf(secret: RecordSecret, place: RecordPlace, print: BodyPrint): Promise<OwnedBytes> {
  const head = new Uint8Array(9)
  head[0] = print.chunkLog2
  setCount(viewOf(head), 1, print.sizeBytes)
  const salt = await sha256(concatBytes(head, joinBytes(print.chunkHashes)))
  return hkdfBytes({ key: await recordKeyOf(secret), salt, info: infoOf('resume', recordFields(place)) }, 32)
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
