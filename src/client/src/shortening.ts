import {
  type BodySource,
  ENCODED_CONTENT_BYTES_MAX,
  encodeContent,
  ENCODING,
  type RecordHeader,
  sha256,
  sourceOf,
} from '@medguard/crypto'
import { toHex } from '@medguard/protocol'

/** Text repeats itself and what others wrote; pictures, PDF and archives are packed already. */
const TEXT =
  /^(?:text\/|application\/(?:fhir\+)?(?:json|xml|ndjson)(?:;|$)|[a-z]+\/[\w.-]+\+(?:json|xml)(?:;|$)|x-application\/hl7)/

/** What a header says of a content beside what its author says. */
export type ContentFields = Pick<RecordHeader, 'bodyBytes' | 'bodySha256' | 'encoding'>

/** What is sealed in the place of a text, and what its header says; null where the content is sealed as it is. */
export async function shortened(
  source: BodySource,
  mediaType: string,
): Promise<{ readonly source: BodySource; readonly fields: ContentFields } | null> {
  const { sizeBytes } = source
  if (!TEXT.test(mediaType) || sizeBytes > ENCODED_CONTENT_BYTES_MAX) return null
  // A copy: what is encoded and what is hashed must be the same bytes, whoever holds the array.
  const content = (await source.read(0, sizeBytes)).slice()
  const encoded = content.length === sizeBytes ? await encodeContent(content) : null
  if (encoded === null) return null
  const bodySha256 = toHex(await sha256(content))
  return { source: sourceOf(encoded), fields: { bodyBytes: sizeBytes, bodySha256, encoding: ENCODING } }
}

/** A header of the content itself, however it was stored. */
export function asIs(header: RecordHeader): RecordHeader {
  const { encoding: _, ...described } = header
  return described
}
