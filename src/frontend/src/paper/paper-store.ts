import type { Category, MedGuardClient, NewRecord, RecordSummary } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { createTask } from '../app/task.ts'
import { formErrors, resourceOf } from '../forms/form-fields.ts'
import { specOf } from '../forms/form-specs.ts'
import type { Values } from '../forms/form-store.ts'
import { withAt } from '../forms/json-building.ts'
import { beginningOf, mediaTypeOf, titleFromFileName } from '../records/media.ts'
import { t } from '../words/language.ts'
import type { FoundEntry } from './find-others.ts'
import type { PaperLanguage, ReadPage } from './paper-types.ts'
import { propose, type Proposal } from './propose.ts'
import { isReadable, openPaper, type PaperPages, readPictures } from './read-paper.ts'

// A paper on its way into the record: chosen, looked at, read, compared, and only then saved. What nobody said is right is not saved.

export interface Entry extends FoundEntry {
  readonly id: string
  /** Somebody compared it with the paper. */
  readonly isRight: boolean
}
/** What is said of the paper as a whole. */
export interface Facts {
  readonly title: string
  readonly day: string
  readonly who: string
  readonly category: Category
  readonly isRight: boolean
}
export interface Review {
  readonly text: readonly ReadPage[]
  readonly proposal: Proposal
  readonly facts: Facts
  readonly entries: readonly Entry[]
}
export type PaperView =
  | { readonly status: 'choosing'; readonly trouble: 'kind' | 'open' | null }
  | { readonly status: 'opening' }
  | { readonly status: 'opened'; readonly file: File; readonly pages: PaperPages; readonly isFailed: boolean }
  | { readonly status: 'reading'; readonly file: File; readonly pages: PaperPages; readonly part: number }
  | { readonly status: 'review'; readonly file: File; readonly pages: PaperPages; readonly review: Review }

export interface PaperState {
  readonly view: PaperView
  readonly choose: (file: File) => Promise<void>
  /** Reads what was opened. @param languages of its letters; of no matter where the file brings its text. */
  readonly read: (languages: readonly PaperLanguage[]) => Promise<void>
  readonly stop: () => void
  readonly say: (change: Partial<Facts>) => void
  readonly change: (id: string, values: Values) => void
  readonly turn: (ids: readonly string[], isRight: boolean) => void
  readonly clear: () => void
}
export interface Saved {
  readonly paper: RecordSummary
  readonly entries: readonly RecordSummary[]
}

const EMPTY: PaperView = { status: 'choosing', trouble: null }

/** Entries whose day and place are those of the paper. */
export const SHARED_FIELDS: Partial<Record<FoundEntry['kind'], readonly string[]>> = {
  lab: ['day', 'who'],
  vital: ['day', 'time'],
}
export const valuesOf = ({ kind, values }: Entry, { day, who }: Facts): Values => ({
  ...values,
  ...(SHARED_FIELDS[kind] !== undefined && { day }),
  ...(kind === 'lab' && { who }),
})

/** By entry: what keeps it from being saved. Only of those that were said to be right. */
export function errorsOf({ facts, entries }: Review): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const errors: Record<string, Readonly<Record<string, string>>> = {}
  if (facts.isRight && facts.title.trim() === '') errors['paper'] = { title: t('add.errorTitle') }
  for (const entry of entries.filter(({ isRight }) => isRight)) {
    const needsFacts = SHARED_FIELDS[entry.kind] !== undefined && !facts.isRight
    const found = needsFacts ? { day: t('paper.errorFacts') } : formErrors(specOf(entry.kind), valuesOf(entry, facts))
    if (Object.keys(found).length > 0) errors[entry.id] = found
  }
  return errors
}

export function createPaperStores(
  client: Pick<MedGuardClient, 'add'>,
  onSaved: (records: readonly RecordSummary[]) => void,
  now: () => number = Date.now,
) {
  let stopping = new AbortController()
  const paper = createStore<PaperState>()((set, get) => {
    const edit = (change: (review: Review) => Partial<Review>) => {
      const { view } = get()
      if (view.status === 'review') set({ view: { ...view, review: { ...view.review, ...change(view.review) } } })
    }
    const restart = () => {
      stopping.abort()
      stopping = new AbortController()
      return stopping.signal
    }
    return {
      view: EMPTY,
      async choose(file) {
        const signal = restart()
        saved.clear()
        set({ view: { status: 'opening' } })
        const mediaType = mediaTypeOf(file.name, file.type, await beginningOf(file))
        if (!isReadable(mediaType)) return set({ view: { status: 'choosing', trouble: 'kind' } })
        try {
          const pages = await openPaper(new Uint8Array(await file.arrayBuffer()), mediaType)
          if (!signal.aborted) set({ view: { status: 'opened', file, pages, isFailed: false } })
        } catch {
          if (!signal.aborted) set({ view: { status: 'choosing', trouble: 'open' } })
        }
      },
      async read(languages) {
        const { view } = get()
        if (view.status !== 'opened') return
        const { file, pages } = view
        const signal = restart()
        set({ view: { status: 'reading', file, pages, part: 0 } })
        const tell = (part: number) => {
          if (!signal.aborted) set({ view: { status: 'reading', file, pages, part } })
        }
        try {
          const lines = pages.lines ?? (await readPictures(pages.pictures, languages, tell, signal))
          if (!signal.aborted) set({ view: { status: 'review', file, pages, review: reviewOf(lines, file, now()) } })
        } catch {
          // Its files did not come, the browser cannot run it, or the picture is none.
          if (!signal.aborted) set({ view: { status: 'opened', file, pages, isFailed: true } })
        }
      },
      stop() {
        const { view } = get()
        restart()
        if (view.status === 'reading')
          set({ view: { status: 'opened', file: view.file, pages: view.pages, isFailed: false } })
      },
      say: (change) => edit(({ facts }) => ({ facts: { ...facts, ...change } })),
      change: (id, values) =>
        edit(({ entries }) => ({
          entries: entries.map((entry) =>
            entry.id === id ? { ...entry, values: { ...entry.values, ...values } } : entry,
          ),
        })),
      turn: (ids, isRight) =>
        edit(({ entries }) => ({
          entries: entries.map((entry) => (ids.includes(entry.id) ? { ...entry, isRight } : entry)),
        })),
      clear() {
        restart()
        saved.clear()
        set({ view: EMPTY })
      },
    }
  })

  /** What of this paper is stored by now: going on after a broken line stores nothing twice. */
  const saved = new Map<string, RecordSummary>()
  const saving = createTask<{ person: string }, Saved>(async ({ person }) => {
    const { view } = paper.getState()
    if (view.status !== 'review') throw new Error('nothing to save')
    const { file, review } = view
    const store = async (name: string, record: NewRecord) => {
      const known = saved.get(name)
      if (known !== undefined) return { kind: 'done' as const, value: known }
      const outcome = await client.add(record)
      if (outcome.kind === 'done') {
        saved.set(name, outcome.value)
        onSaved([outcome.value])
      }
      return outcome
    }
    const original = await store('paper', await paperRecord(file, review.facts, person))
    if (original.kind === 'refused') return original
    const entries: RecordSummary[] = []
    for (const entry of review.entries.filter(({ isRight }) => isRight)) {
      const outcome = await store(entry.id, entryRecord(entry, review.facts, person, original.value))
      if (outcome.kind === 'refused') return outcome
      entries.push(outcome.value)
    }
    saved.clear()
    paper.getState().clear()
    return { kind: 'done', value: { paper: original.value, entries } }
  }, now)
  return { paper, saving }
}
export type PaperStores = ReturnType<typeof createPaperStores>

function reviewOf(text: readonly ReadPage[], file: File, nowMs: number): Review {
  const proposal = propose(text, nowMs)
  return {
    text,
    proposal,
    facts: {
      title: proposal.title?.value ?? titleFromFileName(file.name),
      day: proposal.day?.value ?? '',
      who: proposal.who?.value ?? '',
      category: proposal.category,
      isRight: false,
    },
    entries: proposal.entries.map((entry, place) => ({ ...entry, id: `entry-${place}`, isRight: false })),
  }
}

const TITLE_CHARS = 200
const cut = (text: string) => Array.from(text.trim()).slice(0, TITLE_CHARS).join('')

/** The file itself. What was proposed of it and not said to be right is left out. */
async function paperRecord(file: File, facts: Facts, person: string): Promise<NewRecord> {
  const { isRight } = facts
  return {
    bytes: file,
    title: cut(isRight ? facts.title : titleFromFileName(file.name)) || t('paper.titleOther'),
    category: isRight ? facts.category : 'documents',
    clinicalDate: isRight && facts.day !== '' ? facts.day : null,
    subject: person === '' ? null : person,
    fileName: file.name,
    mediaType: mediaTypeOf(file.name, file.type, await beginningOf(file)),
  }
}

/** FHIR R4 `meta.source` says which record a resource was read from. */
export const sourceOf = (recordId: string): string => `urn:medguard:record:${recordId}`

function entryRecord(entry: Entry, facts: Facts, person: string, original: RecordSummary): NewRecord {
  const spec = specOf(entry.kind)
  const values = valuesOf(entry, facts)
  const resource = withAt(resourceOf(spec, values, person, null), ['meta', 'source'], sourceOf(original.recordId))
  const day = spec.day(values)
  return {
    bytes: new TextEncoder().encode(JSON.stringify(resource)),
    title: cut(spec.title(values)),
    // What comes from a sensitive paper is as sensitive as the paper.
    category: facts.isRight && facts.category === 'sensitive' ? 'sensitive' : spec.category,
    clinicalDate: day.length < 10 ? null : day,
    subject: person === '' ? null : person,
    fileName: null,
    mediaType: 'application/fhir+json',
  }
}

/** One per signed-in client: a paper that is being compared is there again after a look elsewhere, and gone with the session. */
const all = new WeakMap<MedGuardClient, PaperStores>()
export function paperStoresOf(
  client: MedGuardClient,
  onSaved: (records: readonly RecordSummary[]) => void,
): PaperStores {
  const stores = all.get(client) ?? createPaperStores(client, onSaved)
  all.set(client, stores)
  return stores
}
