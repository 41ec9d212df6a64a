import type { Reading } from '../reading.ts'
import { createSieve } from '../sieve.ts'
import type { ImportBatch, Skipped } from './import-run.ts'

/** Readings of one kind and unit in what would be imported. */
export interface KindPreview {
  readonly code: string
  readonly unit: string
  readonly count: number
  readonly fromMs: number
  readonly toMs: number
  readonly devices: readonly string[]
}
export interface ImportPreview {
  /** What would be stored. */
  readonly count: number
  /** Of these, marked as implausible, typed and so on. */
  readonly flagged: number
  /** Most frequent first. */
  readonly kinds: readonly KindPreview[]
  /** Left out: there already, or twice; and told by another source as well. */
  readonly repeats: number
  readonly otherSources: number
  readonly skipped: readonly Skipped[]
  readonly documents: number
  readonly doneBytes: number
}

/** Names that are listed for one kind. */
const DEVICES_SHOWN = 20

interface Counted {
  readonly code: string
  readonly unit: string
  count: number
  fromMs: number
  toMs: number
  readonly devices: Set<string>
}

/** Goes along with an import: lets through what is new, and counts. */
export interface Previewer {
  /** Readings that are stored: what is the same is not new. */
  know(readings: readonly Reading[]): void
  /** @returns what of the batch is new. */
  take(batch: ImportBatch): readonly Reading[]
  preview(): ImportPreview
}

export function createPreviewer(): Previewer {
  const sieve = createSieve()
  const kinds = new Map<string, Counted>()
  let [count, flagged, repeats, otherSources, documents, doneBytes] = [0, 0, 0, 0, 0, 0]
  let skipped: readonly Skipped[] = []
  const add = ({ code, unit, timeMs, durationMs, flags, source }: Reading) => {
    const key = `${code} ${unit}`
    const known = kinds.get(key) ?? { code, unit, count: 0, fromMs: timeMs, toMs: timeMs, devices: new Set<string>() }
    known.count += 1
    known.fromMs = Math.min(known.fromMs, timeMs)
    known.toMs = Math.max(known.toMs, timeMs + durationMs)
    if (known.devices.size < DEVICES_SHOWN) known.devices.add(source.device)
    kinds.set(key, known)
    count += 1
    if (flags.length > 0) flagged += 1
  }
  return {
    know: (readings) => void sieve.take(readings),
    take(batch) {
      const sifted = sieve.take(batch.readings)
      repeats += sifted.repeats
      otherSources += sifted.otherSources
      documents += batch.documents.length
      doneBytes = batch.doneBytes
      skipped = batch.skipped
      for (const reading of sifted.kept) add(reading)
      return sifted.kept
    },
    preview: () => ({
      count,
      flagged,
      kinds: [...kinds.values()]
        .map((one) => ({ ...one, devices: [...one.devices] }))
        .toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1)),
      repeats,
      otherSources,
      skipped,
      documents,
      doneBytes,
    }),
  }
}
