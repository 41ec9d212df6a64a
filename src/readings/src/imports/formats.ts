import { importAppleXml } from './apple-health.ts'
import { importAppleZip } from './apple-zip.ts'
import { importCsv } from './csv.ts'
import { type CsvGuess, type CsvMapping, guessCsv } from './csv-mapping.ts'
import { importFit } from './fit.ts'
import type { ImportBatch, Pieces } from './import-run.ts'
import { importNightscout } from './nightscout.ts'
import { importOpenMhealth } from './open-mhealth.ts'

/** So much of a file is looked at to see what it is. */
export const BEGINNING_BYTES = 64 * 1024

export type FileFormat =
  | { readonly kind: 'appleXml' | 'appleZip' | 'fit' | 'nightscout' | 'openMhealth' }
  | { readonly kind: 'csv'; readonly guess: CsvGuess }

/** What a file is by its beginning, whatever its name says; null for what holds no readings that we know, FHIR among them, which is imported as records. */
export function formatOf(beginning: Uint8Array): FileFormat | null {
  const bytes = beginning.subarray(0, BEGINNING_BYTES)
  const latin = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to))
  if (latin(0, 4) === 'PK\u0003\u0004') return { kind: 'appleZip' }
  if (latin(8, 12) === '.FIT') return { kind: 'fit' }
  const text = new TextDecoder().decode(bytes).trimStart()
  if (text.startsWith('<')) return text.includes('<HealthData') ? { kind: 'appleXml' } : null
  if (text.startsWith('[') || text.startsWith('{')) {
    if (text.includes('"resourceType"')) return null
    if (/"schema_id"\s*:/.test(text)) return { kind: 'openMhealth' }
    return /"(sgv|mbg)"\s*:/.test(text) ? { kind: 'nightscout' } : null
  }
  const isText = bytes[0] === 0xff || !bytes.includes(0)
  const guess = isText ? guessCsv(bytes) : null
  return guess === null || guess.mapping.columns.length < 2 ? null : { kind: 'csv', guess }
}

export interface FileOptions {
  /** What to call the source where the file does not say it: the file's name, or what its owner types. */
  readonly device: string
  /** Offset of a wall clock's zone from UTC in minutes, for tables. */
  readonly offsetOf: (wallMs: number) => number
  /** Columns of a table as a person confirmed them; else as they were guessed. */
  readonly mapping?: CsvMapping
}

export function importFile(
  format: FileFormat,
  pieces: Pieces,
  { device, offsetOf, mapping }: FileOptions,
): AsyncGenerator<ImportBatch> {
  switch (format.kind) {
    case 'appleXml':
      return importAppleXml(pieces)
    case 'appleZip':
      return importAppleZip(pieces)
    case 'fit':
      return importFit(pieces, { device })
    case 'nightscout':
      return importNightscout(pieces)
    case 'openMhealth':
      return importOpenMhealth(pieces)
    case 'csv':
      return importCsv(pieces, { mapping: mapping ?? format.guess.mapping, device, offsetOf })
    default:
      return format satisfies never
  }
}
