import { encodeSegment, type Reading, SegmentFault, type SegmentSummary, summaryOf } from '@medguard/readings'
import {
  BEGINNING_BYTES,
  createPreviewer,
  type CsvMapping,
  type FileFormat,
  formatOf,
  importFile,
  ImportFault,
  type ImportFaultKind,
  type ImportPreview,
  piecesOf,
} from '@medguard/readings/imports'

// Looking through a file of readings: what it is, what of it is new, and that as the bodies of records. It runs in a worker of its own; nothing of the page is in it.

/** What becomes one record. */
export interface ReadingsPart {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly summary: SegmentSummary
  /** Names of the sources, at most a few. */
  readonly devices: readonly string[]
}
export type LookedThrough =
  | { readonly kind: 'found'; readonly preview: ImportPreview; readonly parts: readonly ReadingsPart[] }
  | { readonly kind: 'fault'; readonly why: ImportFaultKind | 'unreadable' }

export interface ReadingsFileReader {
  /** Null for what holds no readings that we know. @throws where the file can not be read. */
  formatOf(file: File): Promise<FileFormat | null>
  /** @param stored what is there already, so that it is not new. @param told how many bytes are done. */
  lookThrough(
    of: {
      readonly file: File
      readonly format: FileFormat
      readonly mapping: CsvMapping | null
      readonly stored: readonly Reading[]
    },
    told: (doneBytes: number) => void,
  ): Promise<LookedThrough>
}

/** Some 40 kB sealed. */
const PART_READINGS = 10_000
const DEVICES_NAMED = 3

/** Of this device's zone at that time by the clock on its wall, summer time included. */
export function offsetHere(wallMs: number): number {
  const wall = new Date(wallMs)
  const local = new Date(
    wall.getUTCFullYear(),
    wall.getUTCMonth(),
    wall.getUTCDate(),
    wall.getUTCHours(),
    wall.getUTCMinutes(),
  )
  return -local.getTimezoneOffset()
}

/** Name of the source where a file says none: that of the file, without what stands behind the last dot. */
const deviceOf = (file: File) => file.name.replace(/\.[^.]*$/, '')

/** @param offsetOf of a wall clock's zone from UTC in minutes. */
export function createReadingsFileReader(offsetOf: (wallMs: number) => number = offsetHere): ReadingsFileReader {
  return {
    formatOf: async (file) => formatOf(new Uint8Array(await file.slice(0, BEGINNING_BYTES).arrayBuffer())),
    async lookThrough({ file, format, mapping, stored }, told) {
      const previewer = createPreviewer()
      previewer.know(stored)
      const parts: ReadingsPart[] = []
      let waiting: Reading[] = []
      const options = { device: deviceOf(file), offsetOf, ...(mapping !== null && { mapping }) }
      try {
        for await (const batch of importFile(format, piecesOf(file.stream()), options)) {
          waiting = waiting.concat(previewer.take(batch))
          while (waiting.length >= PART_READINGS) parts.push(...partsOf(waiting.splice(0, PART_READINGS)))
          told(batch.doneBytes)
        }
        if (waiting.length > 0) parts.push(...partsOf(waiting))
        return { kind: 'found', preview: previewer.preview(), parts }
      } catch (fault) {
        return { kind: 'fault', why: fault instanceof ImportFault ? fault.kind : 'unreadable' }
      }
    },
  }
}

/** One, or several where there are too many kinds for one. */
export function partsOf(readings: readonly Reading[]): ReadingsPart[] {
  try {
    const devices = [...new Set(readings.map(({ source }) => source.device))].slice(0, DEVICES_NAMED)
    return [{ bytes: Uint8Array.from(encodeSegment(readings)), summary: summaryOf(readings), devices }]
  } catch (fault) {
    if (!(fault instanceof SegmentFault) || readings.length === 1) throw fault
    const half = Math.ceil(readings.length / 2)
    return [...partsOf(readings.slice(0, half)), ...partsOf(readings.slice(half))]
  }
}
