/** Contents that are made shorter before they are sealed: docs/crypto.md, "Encoded body". */
import { padmeLength } from './body-plan.ts'
import { concatBytes, isZero, u32, viewOf } from './bytes.ts'
import { deflated, inflated } from './deflating.ts'
import { CryptoFault } from './fault.ts'
import type { RecordHeader } from './header.ts'
import type { OwnedBytes } from './webcrypto.ts'

/** DEFLATE with dictionary 1. A change of either is another encoding, with another name. */
export const ENCODING = 'mg-deflate-1'
/** Of what is encoded: it is in memory as a whole, here and at each reader. */
export const ENCODED_CONTENT_BYTES_MAX = 2 ** 20

/** What a content shrinks to says something of it: this coarse, a length tells no more than that of the content did. */
const BUCKET_BYTES = 256
const LENGTH_BYTES = 4

type Lengths = Pick<RecordHeader, 'bodyBytes' | 'encoding'>

/**
 * What is sealed in the place of a content: `u32 length || DEFLATE || zeros` to a multiple of 256 bytes.
 *
 * @returns null for a content that it would not make shorter, or that is longer than `ENCODED_CONTENT_BYTES_MAX`.
 */
export async function encodeContent(content: Uint8Array): Promise<OwnedBytes | null> {
  if (content.length > ENCODED_CONTENT_BYTES_MAX || padmeLength(content.length) <= BUCKET_BYTES) return null
  const short = deflated(content)
  const zeros = -(LENGTH_BYTES + short.length) & (BUCKET_BYTES - 1)
  const encoded = concatBytes(u32(short.length), short, new Uint8Array(zeros))
  return isPaddedFor({ bodyBytes: content.length, encoding: ENCODING }, padmeLength(encoded.length)) ? encoded : null
}

/** Whether this version reads a content that is stored like this. */
export const isKnownEncoding = ({ encoding }: Pick<RecordHeader, 'encoding'>): boolean =>
  encoding === undefined || encoding === ENCODING

/** Whether a body of that length after padding can be what a header says. */
export function isPaddedFor({ bodyBytes, encoding }: Lengths, paddedBytes: number): boolean {
  if (encoding === undefined) return padmeLength(bodyBytes) === paddedBytes
  const isBounded = bodyBytes <= ENCODED_CONTENT_BYTES_MAX && paddedBytes < padmeLength(bodyBytes)
  return encoding === ENCODING && isBounded && paddedBytes > 0 && paddedBytes % BUCKET_BYTES === 0
}

/** @throws CryptoFault UnknownEncoding, and CommitmentMismatch for lengths that contradict one another: before anything is fetched or inflated. */
export function expectEncoded(lengths: Lengths, paddedBytes: number): void {
  if (lengths.encoding !== ENCODING) throw new CryptoFault('UnknownEncoding', 'the header names an unknown encoding')
  if (!isPaddedFor(lengths, paddedBytes))
    throw new CryptoFault('CommitmentMismatch', 'the length contradicts the header')
}

/**
 * The content of an encoded body, of exactly the length that the header says; its hash is for the caller to check.
 *
 * @param padded the whole body, padding included, as `expectEncoded` let it pass.
 * @throws CryptoFault BadFormat for what is not encoded so, or holds more or less.
 */
export async function decodeContent(padded: Uint8Array, bodyBytes: number): Promise<OwnedBytes> {
  const end = LENGTH_BYTES + viewOf(padded).getUint32(0)
  const encodedBytes = Math.ceil(end / BUCKET_BYTES) * BUCKET_BYTES
  if (end > padded.length || padmeLength(encodedBytes) !== padded.length || !isZero(padded, end, padded.length))
    throw new CryptoFault('BadFormat', 'the encoded body is not padded as it must be')
  const content = inflated(padded.subarray(LENGTH_BYTES, end), bodyBytes)
  if (content === null) throw new CryptoFault('BadFormat', 'the body does not hold what its header says')
  return content
}
