import { type Reading, ReadingFault, type ReadingInput, readingOf, TEXT_CHARS_MAX } from '../reading.ts'

// What all importers have in common. They are generators over pieces of a file, in memory no more than one piece and one batch, so that a gigabyte passes through a phone.

/** A file in pieces, as a `ReadableStream` and Node's streams are. */
export type Pieces = AsyncIterable<Uint8Array>

/** Why something in a file became no reading. */
export type SkipReason =
  /** A kind of measurement that has no code here. */
  | 'unknownKind'
  | 'unknownUnit'
  | 'noTime'
  | 'noValue'
  /** "Below 5", a number that no device means, a line that is cut off. */
  | 'notPlain'
  /** There a second time in the same file. */
  | 'twiceInFile'
  /** Entered by mistake, a calibration, a failed check: not of the patient. */
  | 'notOfThePatient'

export interface Skipped {
  readonly reason: SkipReason
  /** What the file calls it. */
  readonly what: string
  readonly count: number
  /** The first few places, where the file has lines; the first is 1. */
  readonly lines: readonly number[]
}
/** A document that lies in the file beside the readings: what it is and, where it could be read, its FHIR. */
export interface FoundDocument {
  readonly name: string
  readonly json: unknown
}
export interface ImportBatch {
  readonly readings: readonly Reading[]
  readonly documents: readonly FoundDocument[]
  /** Of the file, so far. */
  readonly doneBytes: number
  /** So far, most frequent first; the last batch has all. */
  readonly skipped: readonly Skipped[]
}

/** `notThisKind`: of another format; `damaged`: cut off or spoilt; `tooLarge`: larger than can be read as a whole. */
export type ImportFaultKind = 'notThisKind' | 'damaged' | 'tooLarge'
export class ImportFault extends Error {
  readonly kind: ImportFaultKind
  constructor(kind: ImportFaultKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ImportFault'
    this.kind = kind
  }
}

/** As many as a page lays out at once, and a few segments' worth. */
const BATCH_READINGS = 2000
const BATCH_DOCUMENTS = 50
/** Different things skipped; of more the rest is one entry. */
const SKIPPED_KINDS_MAX = 200
const LINES_SHOWN = 5
/** Formats that are one JSON or one checked block: a year of a glucose sensor is 30 MB. */
export const WHOLE_BYTES_MAX = 64 * 1024 * 1024

export interface ImportRun {
  /** A reading, or the reason why it is none. */
  add(input: ReadingInput, what: string, line?: number): void
  skip(reason: SkipReason, what: string, line?: number): void
  document(found: FoundDocument): void
  /** Whether there is enough for a batch. */
  readonly isFull: boolean
  batch(doneBytes: number): ImportBatch
}

export function createImportRun(): ImportRun {
  let readings: Reading[] = []
  let documents: FoundDocument[] = []
  const skipped = new Map<string, { reason: SkipReason; what: string; count: number; lines: number[] }>()
  const skip = (reason: SkipReason, what: string, line?: number) => {
    const named = skipped.size < SKIPPED_KINDS_MAX ? plainText(what) || '?' : '…'
    const key = `${reason} ${named}`
    const known = skipped.get(key) ?? { reason, what: named, count: 0, lines: [] }
    known.count += 1
    if (line !== undefined && known.lines.length < LINES_SHOWN) known.lines.push(line)
    skipped.set(key, known)
  }
  return {
    skip,
    add(input, what, line) {
      try {
        readings.push(readingOf(input))
      } catch (fault) {
        if (!(fault instanceof ReadingFault)) throw fault
        skip(REASONS[fault.problem.kind], what, line)
      }
    },
    document: (found) => void documents.push(found),
    get isFull() {
      return readings.length >= BATCH_READINGS || documents.length >= BATCH_DOCUMENTS
    },
    batch(doneBytes) {
      const made = {
        readings,
        documents,
        doneBytes,
        skipped: [...skipped.values()]
          .map((one) => ({ ...one, lines: [...one.lines] }))
          .toSorted((a, b) => b.count - a.count),
      }
      readings = []
      documents = []
      return made
    },
  }
}
const REASONS = {
  BadCode: 'unknownKind',
  BadUnit: 'unknownUnit',
  BadTime: 'noTime',
  BadValue: 'notPlain',
  BadSource: 'notPlain',
  BadFlags: 'notPlain',
  BadComponents: 'notPlain',
} as const

/** Text of a file as a name: without hidden characters, not too long. */
export const plainText = (text: string): string =>
  text
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu, ' ')
    .trim()
    .slice(0, TEXT_CHARS_MAX)
    .replace(/[\ud800-\udbff]$/, '')

/** A whole file, where its format leaves no choice. */
export async function wholeOf(pieces: Pieces): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const piece of pieces) {
    length += piece.length
    if (length > WHOLE_BYTES_MAX) throw new ImportFault('tooLarge', 'the file is larger than can be read as a whole')
    parts.push(piece)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export async function jsonOf(pieces: Pieces): Promise<{ readonly json: unknown; readonly bytes: number }> {
  const whole = await wholeOf(pieces)
  const text = new TextDecoder().decode(whole)
  try {
    return { json: JSON.parse(text) as unknown, bytes: whole.length }
  } catch (cause) {
    // A value on each line is how data points are often exported.
    try {
      const lines = text.split('\n').filter((line) => line.trim() !== '')
      return { json: lines.map((line) => JSON.parse(line) as unknown), bytes: whole.length }
    } catch {
      throw new ImportFault('notThisKind', 'the file is no JSON', { cause })
    }
  }
}

/** A stream's pieces; not every browser's stream can be iterated over. */
export async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined) // whoever stops early reads no further
  }
}
