import type { Category, MedGuardClient, NewRecord, RecordSummary } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { type LoadableStore, settle } from '../app/loadable.ts'
import { type Problem, problemText } from '../app/problem.ts'
import type { PickedFile } from '../records/picked-files.ts'
import { t } from '../words/language.ts'
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
  /** @param programs paths of what was left out, since it is no record. */
  readonly pick: (files: readonly PickedFile[], programs?: readonly string[]) => Promise<void>
  readonly turn: (keys: readonly string[], isOn: boolean) => void
  readonly file: (key: string, category: Category) => void
  /** Adds what is ticked and not there yet, several at a time. */
  readonly run: () => Promise<void>
  readonly stop: () => void
  readonly clear: () => void
}

/** On their way at a time. Each waits for the network four times, so that one after the other takes as long as many; more would crowd out whatever else is done. */
export const IN_FLIGHT = 6
/** From four chunks on a content that broke off is gone on with. */
const LARGE_BYTES = 4 * 2 ** 20
/** A canister that says it is busy is asked again, so often and after at most so long. */
const BUSY_TRIES = 5
const BUSY_MS_MAX = 60_000
/** Records are shown in the lists this many at a time while more are coming. */
const SHOWN_EVERY = 25

const EMPTY = { view: { status: 'empty' }, items: [], troubles: [], added: new Set<string>() } as const

export function createImportStore(
  client: Pick<MedGuardClient, 'add' | 'addOnce' | 'amend' | 'abandon'>,
  records: LoadableStore<readonly RecordSummary[]>,
  now: () => number = Date.now,
  wait: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
) {
  return createStore<ImportState>()((set, get) => {
    let latest = 0 // what an earlier choice brings counts no more
    let isStopping = false
    /** Under which each is added, by key: an earlier try that arrived unheard is found by it. */
    const ids = new Map<string, string>()
    /** Sent and not answered, by key: it may have arrived. */
    const unheard = new Set<string>()

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
      const { older } = item
      if (older !== null) return settle(() => client.amend(older, amended))
      // A large one that broke off is found by its content, and gone on with.
      if (item.content.size >= LARGE_BYTES) return settle(() => client.add(record))
      const id = ids.get(item.key) ?? newId()
      ids.set(item.key, id)
      return settle(() => client.addOnce(id, record))
    }

    /** What was sent and not answered may have arrived: the list says, which is checked to be whole. @returns why it does not. */
    const lookForUnheard = async (): Promise<Problem | null> => {
      if (unheard.size === 0) return null
      await records.getState().load()
      const { view } = records.getState()
      if (view.status !== 'ready') return view.status === 'failed' ? view.problem : null
      if (view.problem !== null) return view.problem
      const there = new Set(view.value.map(({ contentSha256 }) => contentSha256))
      const arrived = get().items.filter(({ key, sha256 }) => unheard.has(key) && sha256 !== null && there.has(sha256))
      for (const { key } of arrived) unheard.delete(key)
      set({ added: new Set([...get().added, ...arrived.map(({ key }) => key)]) })
      return null
    }

    /** What is not gone on with is taken back: each would take one of few places for a day. What has arrived all the same is known again by its content. */
    const giveUp = async (): Promise<void> => {
      const begun = [...unheard].flatMap((key) => ids.get(key) ?? [])
      const isUnsure = unheard.size > 0
      ids.clear() // keys are of one choice
      unheard.clear()
      if (!isUnsure) return
      await Promise.allSettled(begun.map((recordId) => client.abandon({ recordId, version: 1 })))
      await records.getState().load()
    }

    /** A busy canister is given the time it asks for. */
    const patiently = async (item: ImportItem) => {
      for (let turn = 1; ; turn++) {
        const answer = await store(item)
        if (answer.kind === 'done') unheard.delete(item.key)
        else if (answer.problem.kind === 'fault') unheard.add(item.key)
        const busyMs = answer.kind === 'failed' ? busyFor(answer.problem) : null
        if (busyMs === null || busyMs > BUSY_MS_MAX || turn === BUSY_TRIES || isStopping) return answer
        await wait(busyMs)
      }
    }

    return {
      ...EMPTY,
      async pick(files, programs = []) {
        const asked = ++latest
        set({ ...EMPTY, view: { status: 'reading', done: 0, total: files.length } })
        await giveUp()
        const { view } = records.getState()
        const found = await readFiles(files, view.status === 'ready' ? view.value : [], (done) => {
          if (asked === latest) set({ view: { status: 'reading', done, total: files.length } })
        })
        const leftOut = programs.map((path) => ({ path, why: t('unpack.program') }))
        if (asked === latest) set({ ...found, troubles: [...found.troubles, ...leftOut], view: { status: 'preview' } })
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
        set({
          view: { status: 'working', done: get().added.size, total: chosen.length, title: chosen[0]?.title ?? '' },
        })
        const problem = await lookForUnheard()
        if (problem !== null) return set({ view: { status: 'stopped', problem } })
        const fresh: RecordSummary[] = []
        const queue = chosen.filter(({ key }) => !get().added.has(key))
        let end: ImportView | null = null
        const next = () => {
          if (isStopping) end ??= { status: 'stopped', problem: null }
          return end === null ? queue.shift() : undefined
        }
        const one = async (item: ImportItem): Promise<void> => {
          set({ view: { status: 'working', done: get().added.size, total: chosen.length, title: item.title } })
          const answer = await patiently(item)
          if (answer.kind === 'done') {
            fresh.push(answer.value)
            const added = new Set([...get().added, item.key])
            const { view } = get()
            set({ added, ...(view.status === 'working' && { view: { ...view, done: added.size } }) })
            if (fresh.length >= SHOWN_EVERY) show(fresh.splice(0))
          } else if (isOfOne(answer.problem)) {
            const trouble = { path: item.title, why: problemText(answer.problem).text }
            set({ troubles: [...get().troubles, trouble] })
            get().turn([item.key], false)
          } else end ??= { status: 'stopped', problem: answer.problem }
        }
        const oneAfterTheOther = async (): Promise<void> => {
          for (let item = next(); item !== undefined; item = next()) await one(item)
        }
        // What is on its way when it ends is waited for: it is added, or it is left.
        await Promise.all(Array.from({ length: IN_FLIGHT }, oneAfterTheOther))
        show(fresh)
        set({ view: end ?? { status: 'done', added: get().added.size, atMs: now() } })
      },
      stop() {
        isStopping = true // once those that are on their way are there
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

/** How long the network asks to wait, in milliseconds; null where it does not. */
const busyFor = (problem: Problem): number | null =>
  problem.kind === 'refused' && problem.refusal.kind === 'Busy' ? problem.refusal.retryAfterMs : null

const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
