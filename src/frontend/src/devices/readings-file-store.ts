import type { Category, MedGuardClient, RecordSummary } from '@medguard/client'
import type { Reading } from '@medguard/readings'
import {
  type CsvColumn,
  type CsvGuess,
  type CsvMapping,
  type DateOrder,
  type FileFormat,
  type ImportFaultKind,
  type ImportPreview,
  questionsOf,
} from '@medguard/readings/imports'
import { createStore } from 'zustand/vanilla'
import type { LoadableStore } from '../app/loadable.ts'
import type { Problem } from '../app/problem.ts'
import type { ReadingsFileReader } from './looking-through.ts'
import { named, type Part, savePart } from './readings-saving.ts'

/** How far a file of readings is on its way into the vault. */
export type ReadingsFileView =
  | { readonly status: 'empty' }
  /** A table whose columns its owner confirms. */
  | {
      readonly status: 'columns'
      readonly guess: CsvGuess
      readonly mapping: CsvMapping
      readonly isOrderAsked: boolean
    }
  | { readonly status: 'reading'; readonly doneBytes: number; readonly sizeBytes: number }
  | {
      readonly status: 'preview'
      readonly preview: ImportPreview
      /** Records that it would become, and how many of them are there from an earlier time. */
      readonly records: number
      readonly present: number
    }
  | { readonly status: 'saving'; readonly done: number; readonly total: number }
  /** Broken off: what is saved is saved, and going on saves the rest. Null where the reader stopped it. */
  | { readonly status: 'stopped'; readonly left: number; readonly problem: Problem | null }
  | { readonly status: 'done'; readonly count: number; readonly atMs: number }
  /** `unknown`: nothing that we can read; `unreadable`: moved, changed or locked since it was chosen. */
  | { readonly status: 'failed'; readonly why: ImportFaultKind | 'unknown' | 'unreadable' }

export interface ReadingsFileState {
  readonly view: ReadingsFileView
  /** @param stored readings of the vault, so that what is there is not new. */
  readonly pick: (file: File, stored: readonly Reading[]) => Promise<void>
  readonly setColumn: (place: number, column: CsvColumn) => void
  readonly setOrder: (order: DateOrder) => void
  /** Reads a table as its columns stand; nothing while a question is open. */
  readonly confirm: () => Promise<void>
  /** Saves what was found and is not there yet, each once, however often it is asked for. */
  readonly save: (category: Category) => Promise<void>
  readonly stop: () => void
  readonly clear: () => void
}

/** Looks through a file of a phone, watch or meter, says what would be added, and adds it. In memory only: the same file chosen again goes on where it broke off. */
export function createReadingsFileStore(
  begin: (signal: AbortSignal) => ReadingsFileReader,
  client: Pick<MedGuardClient, 'addOnce'>,
  records: LoadableStore<readonly RecordSummary[]>,
  now: () => number = Date.now,
) {
  return createStore<ReadingsFileState>()((set, get) => {
    let latest = 0 // what an earlier choice brings counts no more
    let under = new AbortController()
    let chosen: {
      readonly file: File
      readonly stored: readonly Reading[]
      readonly reader: ReadingsFileReader
    } | null = null
    let found: { readonly preview: ImportPreview; readonly parts: readonly Part[] } | null = null
    let isStopping = false

    const read = async (format: FileFormat, mapping: CsvMapping | null) => {
      if (chosen === null) return
      const { file, stored, reader } = chosen
      const mine = ++latest
      set({ view: { status: 'reading', doneBytes: 0, sizeBytes: file.size } })
      const answer = await reader
        .lookThrough({ file, format, mapping, stored }, (doneBytes) => {
          if (mine === latest) set({ view: { status: 'reading', doneBytes, sizeBytes: file.size } })
        })
        .catch(() => ({ kind: 'fault', why: 'unreadable' }) as const) // the worker ended
      if (mine !== latest) return
      if (answer.kind === 'fault') return set({ view: { status: 'failed', why: answer.why } })
      const parts = await Promise.all(answer.parts.map(named))
      if (mine !== latest) return
      found = { preview: answer.preview, parts }
      const present = parts.length - left(parts).length
      set({ view: { status: 'preview', preview: answer.preview, records: parts.length, present } })
    }

    /** Those whose very content no record has. */
    const left = (parts: readonly Part[]): readonly Part[] => {
      const { view } = records.getState()
      const there = new Set(view.status === 'ready' ? view.value.map(({ contentSha256 }) => contentSha256) : [])
      return parts.filter(({ sha256 }) => !there.has(sha256))
    }

    const change = (update: (mapping: CsvMapping) => CsvMapping, more: { readonly isOrderAsked?: boolean } = {}) => {
      const { view } = get()
      if (view.status === 'columns') set({ view: { ...view, ...more, mapping: update(view.mapping) } })
    }

    return {
      view: { status: 'empty' },
      async pick(file, stored) {
        const mine = ++latest
        under.abort()
        under = new AbortController()
        const reader = begin(under.signal)
        chosen = { file, stored, reader }
        found = null
        set({ view: { status: 'reading', doneBytes: 0, sizeBytes: file.size } })
        const format = await reader.formatOf(file).catch(() => 'unreadable' as const)
        if (mine !== latest) return
        if (format === null || format === 'unreadable')
          return set({ view: { status: 'failed', why: format ?? 'unknown' } })
        if (format.kind !== 'csv') return read(format, null)
        const { guess } = format
        const isOrderAsked = guess.questions.some(({ ask }) => ask === 'dateOrder')
        set({ view: { status: 'columns', guess, mapping: guess.mapping, isOrderAsked } })
      },
      setColumn: (place, column) => change((mapping) => ({ ...mapping, columns: mapping.columns.with(place, column) })),
      setOrder: (dateOrder) => change((mapping) => ({ ...mapping, dateOrder }), { isOrderAsked: false }),
      async confirm() {
        const { view } = get()
        if (view.status !== 'columns' || view.isOrderAsked || questionsOf(view.mapping).length > 0) return
        await read({ kind: 'csv', guess: view.guess }, view.mapping)
      },
      async save(category) {
        if (found === null || get().view.status === 'saving') return
        const { preview, parts } = found
        const mine = latest
        isStopping = false
        const queue = left(parts)
        for (const [done, part] of queue.entries()) {
          if (mine !== latest) return
          if (isStopping) return set({ view: { status: 'stopped', left: queue.length - done, problem: null } })
          set({ view: { status: 'saving', done, total: queue.length } })
          const answer = await savePart(client, records, part, category)
          if (mine !== latest) return
          if (answer.kind === 'failed')
            return set({ view: { status: 'stopped', left: queue.length - done, problem: answer.problem } })
        }
        set({ view: { status: 'done', count: preview.count, atMs: now() } })
      },
      stop: () => (isStopping = true),
      clear() {
        latest += 1
        under.abort()
        chosen = null
        found = null
        set({ view: { status: 'empty' } })
      },
    }
  })
}
export type ReadingsFileStore = ReturnType<typeof createReadingsFileStore>
