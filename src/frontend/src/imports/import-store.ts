import type { Category, MedGuardClient, NewRecord, RecordSummary } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { type LoadableStore, settle } from '../app/loadable.ts'
import { type Problem, problemText } from '../app/problem.ts'
import type { PickedFile } from '../records/picked-files.ts'
import { type FileTrouble, type ImportItem, readFiles } from './read-files.ts'

/** How far an import is. */
export type ImportView =
  | { readonly status: 'empty' }
  | { readonly status: 'reading'; readonly done: number; readonly total: number }
  | { readonly status: 'preview' }
  | { readonly status: 'working'; readonly done: number; readonly total: number; readonly title: string }
  /** Broken off: what was added is added, and going on adds the rest. Null where the reader stopped it. */
  | { readonly status: 'stopped'; readonly problem: Problem | null }
  | { readonly status: 'done'; readonly added: number; readonly atMs: number }

export interface ImportState {
  readonly view: ImportView
  readonly items: readonly ImportItem[]
  readonly troubles: readonly FileTrouble[]
  /** Keys of what is stored by now. */
  readonly added: ReadonlySet<string>
  readonly pick: (files: readonly PickedFile[]) => Promise<void>
  readonly turn: (keys: readonly string[], isOn: boolean) => void
  readonly file: (key: string, category: Category) => void
  /** Adds what is ticked and not there yet, one after the other. */
  readonly run: () => Promise<void>
  readonly stop: () => void
  readonly clear: () => void
}

/** Records are shown in the lists this many at a time while more are coming. */
const SHOWN_EVERY = 25

const EMPTY = { view: { status: 'empty' }, items: [], troubles: [], added: new Set<string>() } as const

export function createImportStore(
  client: Pick<MedGuardClient, 'add' | 'amend'>,
  records: LoadableStore<readonly RecordSummary[]>,
  now: () => number = Date.now,
) {
  return createStore<ImportState>()((set, get) => {
    let latest = 0 // what an earlier choice brings counts no more
    let isStopping = false

    const show = (stored: readonly RecordSummary[]) => {
      const { view, put } = records.getState()
      if (view.status !== 'ready' || stored.length === 0) return
      const ids = new Set(stored.map(({ recordId }) => recordId))
      put([...view.value.filter(({ recordId }) => !ids.has(recordId)), ...stored])
    }

    const store = async (item: ImportItem) => {
      const record: NewRecord = {
        bytes: item.content,
        title: item.title,
        fileName: item.fileName,
        mediaType: item.mediaType,
        category: item.category,
        clinicalDate: item.day,
        subject: item.subject,
      }
      const { category: _, ...amended } = record
      return settle(() => (item.older === null ? client.add(record) : client.amend(item.older, amended)))
    }

    return {
      ...EMPTY,
      async pick(files) {
        const asked = ++latest
        set({ ...EMPTY, view: { status: 'reading', done: 0, total: files.length } })
        const { view } = records.getState()
        const found = await readFiles(files, view.status === 'ready' ? view.value : [], (done) => {
          if (asked === latest) set({ view: { status: 'reading', done, total: files.length } })
        })
        if (asked === latest) set({ ...found, view: { status: 'preview' } })
      },
      turn(keys, isOn) {
        const turned = new Set(keys)
        set({ items: get().items.map((item) => (turned.has(item.key) ? { ...item, isOn } : item)) })
      },
      file: (key, category) =>
        set({ items: get().items.map((item) => (item.key === key ? { ...item, category } : item)) }),
      async run() {
        if (get().view.status === 'working') return
        isStopping = false
        const chosen = get().items.filter(({ isOn }) => isOn)
        const fresh: RecordSummary[] = []
        let end: ImportView | null = null
        for (const item of chosen) {
          const { added } = get()
          if (added.has(item.key)) continue
          set({ view: { status: 'working', done: added.size, total: chosen.length, title: item.title } })
          const answer = await store(item)
          if (answer.kind === 'done') {
            fresh.push(answer.value)
            set({ added: new Set([...added, item.key]) })
            if (fresh.length >= SHOWN_EVERY) show(fresh.splice(0))
          } else if (isOfOne(answer.problem)) {
            const trouble = { path: item.title, why: problemText(answer.problem).text }
            set({ troubles: [...get().troubles, trouble] })
            get().turn([item.key], false)
          } else end = { status: 'stopped', problem: answer.problem }
          if (isStopping) end ??= { status: 'stopped', problem: null }
          if (end !== null) break
        }
        show(fresh)
        set({ view: end ?? { status: 'done', added: get().added.size, atMs: now() } })
      },
      stop() {
        isStopping = true // once the one that is on its way is there
      },
      clear() {
        latest++
        set(EMPTY)
      },
    }
  })
}
export type ImportStore = ReturnType<typeof createImportStore>

/** Whether the next one may go through all the same: a fault, a full vault or an ended session concern all of them. */
const isOfOne = (problem: Problem): boolean =>
  problem.kind === 'bug' ||
  (problem.kind === 'refused' && ['BadInput', 'TooLarge', 'Stale'].includes(problem.refusal.kind))
