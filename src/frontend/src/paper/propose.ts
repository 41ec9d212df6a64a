import type { Category } from '@medguard/client'
import type { FormKind, Values } from '../forms/form-store.ts'
import { t } from '../words/language.ts'
import { dayOfPaper } from './find-dates.ts'
import { labIn } from './find-labs.ts'
import { type FoundEntry, isAboutVaccines, listedIn, medicineIn, pressureIn, vaccineIn } from './find-others.ts'
import { boxOf, type Place, type ReadLine, type ReadPage, textOf } from './paper-types.ts'

// What a paper seems to say, as a proposal: by rules that can be read here, on this device. Nothing of it is saved before somebody compared it with the paper.

export interface Proposed {
  readonly value: string
  /** The line that it was read in; null where it follows from nothing on the paper. */
  readonly line: string | null
  readonly place: Place | null
  readonly isUnsure: boolean
}
export interface Proposal {
  readonly title: Proposed | null
  readonly day: Proposed | null
  /** Facility or person that it is from. */
  readonly who: Proposed | null
  readonly category: Category
  readonly entries: readonly FoundEntry[]
}

/** More on one paper is a mistake of the reader, and nobody would compare them. */
const ENTRIES_MAX = 60
const WHO_CHARS_MAX = 100
const HEAD_LINES = 12
const FACILITY =
  /hospital|clinic|laborator|medical cent|health cent|surgery|nemocnice|poliklinik|ordinace|zdravotn|s\.\s?r\.\s?o|مستشفى|مختبر|عيادة|مركز/iu
const DOCTOR = /(?:\bdr\.?|mudr\.?|د\.)\s+\p{L}/iu

export function propose(pages: readonly ReadPage[], nowMs: number): Proposal {
  const texts = pages.flat().map(textOf)
  const found = dayOfPaper(texts, nowMs)
  const isVaccines = texts.some(isAboutVaccines)
  const seen = new Set<string>()
  const entries: FoundEntry[] = []
  const places = new Map<string, Place>()
  for (const [page, lines] of pages.entries()) {
    for (const line of lines) {
      const box = boxOf(line)
      const place = box === null ? null : { page, box }
      if (place !== null && !places.has(textOf(line))) places.set(textOf(line), place)
      for (const entry of entriesIn(line, isVaccines)) {
        const name = JSON.stringify([entry.kind, entry.values])
        if (seen.has(name) || entries.length === ENTRIES_MAX) continue
        seen.add(name)
        entries.push(place === null ? entry : { ...entry, place })
      }
    }
  }
  const proposed = (value: string, line: string | null, isUnsure = false): Proposed => ({
    value,
    line,
    place: (line === null ? null : places.get(line)) ?? null,
    isUnsure,
  })
  const head = texts.slice(0, HEAD_LINES)
  const from = head.find((text) => FACILITY.test(text)) ?? head.find((text) => DOCTOR.test(text))
  const who = from === undefined ? null : shortened(from)
  const category = categoryOf(entries)
  return {
    who: who === null ? null : proposed(who, from ?? null),
    day: found === null ? null : proposed(found.day, found.line, found.isUnsure),
    title: proposed(titleOf(entries, who), who === null ? null : (from ?? null)),
    category,
    entries: entries.map((entry) => withDay(entry, found?.day ?? null, who)),
  }
}

function entriesIn(line: ReadLine, isVaccines: boolean): readonly FoundEntry[] {
  const lab = labIn(line)
  if (lab !== null) return [{ kind: 'lab', ...lab }]
  const one = pressureIn(line) ?? vaccineIn(line, isVaccines) ?? medicineIn(line)
  return one === null ? listedIn(line) : [one]
}

/** Day and place that the whole paper has, where the entry has none of its own. */
const DAY_AND_PLACE: Partial<Record<FormKind, { readonly day: string; readonly who?: string }>> = {
  lab: { day: 'day', who: 'who' },
  vaccine: { day: 'day', who: 'where' },
  vital: { day: 'day' },
}
function withDay(entry: FoundEntry, day: string | null, who: string | null): FoundEntry {
  const fields = DAY_AND_PLACE[entry.kind]
  if (fields === undefined) return entry
  const shared: Values = {
    ...(day !== null && { [fields.day]: day }),
    ...(who !== null && fields.who !== undefined && { [fields.who]: who }),
  }
  return { ...entry, values: { ...shared, ...entry.values } }
}

const CATEGORIES: Readonly<Record<FormKind, Category>> = {
  lab: 'labs',
  vital: 'vitals',
  medicine: 'medicines',
  vaccine: 'medicines',
  allergy: 'documents',
  condition: 'documents',
  visit: 'documents',
}
const mostOf = (entries: readonly FoundEntry[]): FormKind | null => {
  const counts = new Map<FormKind, number>()
  for (const { kind } of entries) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null
}
function categoryOf(entries: readonly FoundEntry[]): Category {
  const kind = mostOf(entries)
  return kind === null ? 'documents' : CATEGORIES[kind]
}
const TITLES = { lab: 'paper.titleLab', vaccine: 'paper.titleVaccine', medicine: 'paper.titleMedicine' } as const
function titleOf(entries: readonly FoundEntry[], who: string | null): string {
  const kind = mostOf(entries)
  const what = t(kind === 'lab' || kind === 'vaccine' || kind === 'medicine' ? TITLES[kind] : 'paper.titleOther')
  return who === null ? what : `${what}, ${who}`
}

const shortened = (text: string) => {
  const plain = text.replaceAll(/\s+/g, ' ').trim()
  return Array.from(plain).slice(0, WHO_CHARS_MAX).join('')
}
