import { notAccepted, PROBLEM, wrongContent } from './problem.ts'

// From bytes to text with CR between segments, within bounds, before anything is parsed.

export const MESSAGE_BYTES_MAX = 1024 * 1024
/** Of a segment; a document inside a message (`OBX` of type ED) may be as long as the message. */
export const SEGMENT_CHARS_MAX = 64 * 1024
export const SEGMENTS_MAX = 10_000
/** Of a field; an observation's value has a repetition for each line of a report. */
export const REPETITIONS_MAX = 100

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]
const CHARSET_FIELD = 18
/** HL7 table 0211, and what the platform calls it. Nothing is said: then UTF-8, of which ASCII is a part. */
const CHARSETS: Readonly<Record<string, string>> = {
  '': 'utf-8',
  ASCII: 'utf-8',
  'UNICODE UTF-8': 'utf-8',
  'UTF-8': 'utf-8',
  UTF8: 'utf-8',
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 15].map((part) => [`8859/${part}`, `iso-8859-${part}`])),
  '8859/9': 'windows-1254',
}

/**
 * @returns segments, at least `MSH` first, without their ends; none is empty.
 * @throws Hl7Problem
 */
export function segmentsIn(bytes: Uint8Array): readonly string[] {
  if (bytes.length > MESSAGE_BYTES_MAX) throw notAccepted(PROBLEM.internal, '', 'the message is longer than 1 MB')
  const marked = BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte)
  const segments = decoded(marked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes)
    .split(/[\r\n]+/)
    .filter((segment) => segment.trim() !== '')
  const [head] = segments
  if (head === undefined || !head.startsWith('MSH')) throw notAccepted(PROBLEM.sequence, 'MSH^1', 'it has no MSH')
  checkEncodingCharacters(head)
  if (segments.length > SEGMENTS_MAX) throw notAccepted(PROBLEM.internal, '', 'it has too many segments')
  checkBounds(segments, head.charAt(3), head.charAt(5))
  return segments
}

function decoded(bytes: Uint8Array): string {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 4096)).split(/[\r\n]/, 1)[0] ?? ''
  const named = head.split(head.charAt(3))[CHARSET_FIELD - 1] ?? ''
  const name = (named.split(head.charAt(5) || '~', 1)[0] ?? '').trim().toUpperCase()
  const charset = CHARSETS[name]
  if (charset === undefined) throw notAccepted(PROBLEM.dataType, 'MSH^1^18', 'a character set that is not known here')
  const isAscii = name === 'ASCII' && bytes.some((byte) => byte > 0x7f)
  try {
    if (isAscii) throw new TypeError('not ASCII')
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    throw wrongContent(PROBLEM.dataType, 'MSH^1^18', 'the content is not in the character set that it names')
  }
}

/** Five that are told apart, none of which stands in words or numbers; version 2.7 has a sixth. */
function checkEncodingCharacters(head: string): void {
  const separator = head.charAt(3)
  const characters = head.slice(4).split(separator, 1)[0] ?? ''
  const all = [separator, ...Array.from(characters)]
  const areFit =
    (characters.length === 4 || characters.length === 5) &&
    new Set(all).size === all.length &&
    all.every((one) => /^[!-/:-@[-`{-~]$/.test(one))
  if (!areFit) throw notAccepted(PROBLEM.dataType, 'MSH^1^2', 'its encoding characters are not fit for use')
}

function checkBounds(segments: readonly string[], separator: string, repetition: string): void {
  for (const [index, segment] of segments.entries()) {
    const name = segment.slice(0, 3)
    if (!/^[A-Z][A-Z0-9]{2}$/.test(name) || (segment.length > 3 && segment.charAt(3) !== separator))
      throw wrongContent(PROBLEM.sequence, '', `segment ${index + 1} has no name`)
    const fields = segment.split(separator)
    const isDocument = name === 'OBX' && fields[2] === 'ED'
    if (segment.length > SEGMENT_CHARS_MAX && !isDocument)
      throw wrongContent(PROBLEM.dataType, `${name}^${index + 1}`, 'a segment is longer than 64 kB')
    const isTooMany = (field: string, at: number): boolean =>
      field.length > REPETITIONS_MAX &&
      !(name === 'OBX' && at === 5) &&
      field.split(repetition, REPETITIONS_MAX + 2).length > REPETITIONS_MAX
    if (index > 0 && fields.some(isTooMany))
      throw wrongContent(PROBLEM.dataType, `${name}^${index + 1}`, 'a field has more than 100 repetitions')
  }
}
