import { type Reading } from '@medguard/readings'
import {
  BEGINNING_BYTES,
  createPreviewer,
  type CsvColumn,
  type CsvGuess,
  type CsvMapping,
  type DateOrder,
  type FileFormat,
  formatOf,
  importFile,
  ImportFault,
  type ImportFaultKind,
  type ImportPreview,
  piecesOf,
  questionsOf,
} from '@medguard/readings/imports'
import { createStore } from 'zustand/vanilla'

/** How far a file of readings is on its way to what would be added. */
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
  | { readonly status: 'preview'; readonly preview: ImportPreview }
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
  readonly clear: () => void
}

/** Name of the source where a file says none: that of the file, without what stands behind the last dot. */
const deviceOf = (file: File) => file.name.replace(/\.[^.]*$/, '')
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

/** Looks through a file of a phone, watch or meter and says what would be added, before anything is. In memory only. */
export function createReadingsFileStore(offsetOf: (wallMs: number) => number = offsetHere) {
  return createStore<ReadingsFileState>()((set, get) => {
    let latest = 0 // what an earlier choice brings counts no more
    let chosen: { readonly file: File; readonly stored: readonly Reading[] } | null = null

    const read = async (format: FileFormat, mapping: CsvMapping | null) => {
      if (chosen === null) return
      const { file, stored } = chosen
      const mine = ++latest
      set({ view: { status: 'reading', doneBytes: 0, sizeBytes: file.size } })
      const previewer = createPreviewer()
      previewer.know(stored)
      try {
        const options = { device: deviceOf(file), offsetOf, ...(mapping !== null && { mapping }) }
        for await (const batch of importFile(format, piecesOf(file.stream()), options)) {
          if (mine !== latest) return
          previewer.take(batch)
          set({ view: { status: 'reading', doneBytes: batch.doneBytes, sizeBytes: file.size } })
        }
        if (mine === latest) set({ view: { status: 'preview', preview: previewer.preview() } })
      } catch (fault) {
        if (mine === latest)
          set({ view: { status: 'failed', why: fault instanceof ImportFault ? fault.kind : 'unreadable' } })
      }
    }

    const change = (update: (mapping: CsvMapping) => CsvMapping, more: { readonly isOrderAsked?: boolean } = {}) => {
      const { view } = get()
      if (view.status === 'columns') set({ view: { ...view, ...more, mapping: update(view.mapping) } })
    }

    return {
      view: { status: 'empty' },
      async pick(file, stored) {
        const mine = ++latest
        chosen = { file, stored }
        set({ view: { status: 'reading', doneBytes: 0, sizeBytes: file.size } })
        try {
          const format = formatOf(new Uint8Array(await file.slice(0, BEGINNING_BYTES).arrayBuffer()))
          if (mine !== latest) return
          if (format === null) set({ view: { status: 'failed', why: 'unknown' } })
          else if (format.kind === 'csv') {
            const { guess } = format
            const isOrderAsked = guess.questions.some(({ ask }) => ask === 'dateOrder')
            set({ view: { status: 'columns', guess, mapping: guess.mapping, isOrderAsked } })
          } else await read(format, null)
        } catch {
          if (mine === latest) set({ view: { status: 'failed', why: 'unreadable' } })
        }
      },
      setColumn: (place, column) => change((mapping) => ({ ...mapping, columns: mapping.columns.with(place, column) })),
      setOrder: (dateOrder) => change((mapping) => ({ ...mapping, dateOrder }), { isOrderAsked: false }),
      async confirm() {
        const { view } = get()
        if (view.status !== 'columns' || view.isOrderAsked || questionsOf(view.mapping).length > 0) return
        await read({ kind: 'csv', guess: view.guess }, view.mapping)
      },
      clear() {
        latest += 1
        chosen = null
        set({ view: { status: 'empty' } })
      },
    }
  })
}
