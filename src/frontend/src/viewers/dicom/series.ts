import type { DicomFacts } from './dicom-types.ts'

/** A file that was read. */
export interface ReadFile {
  readonly file: number
  readonly name: string
  readonly facts: DicomFacts
}
/** One picture of a stack. */
export interface StackItem extends ReadFile {
  readonly frame: number
}
export interface Series {
  readonly key: string
  /** As the file says; may be empty. */
  readonly name: string
  readonly items: readonly StackItem[]
  readonly isEcg: boolean
}

/** Files by the series that they belong to, each in the order in which it is looked at: along the body where they say where they lie, else by number, else by name. */
export function seriesOf(files: readonly ReadFile[]): Series[] {
  const groups = new Map<string, ReadFile[]>()
  for (const file of files) {
    const { seriesUid, kind, rows, columns } = file.facts
    // Pictures of another size in the same series are a localiser or a report: they would jump.
    const key = kind === 'ecg' ? `ecg ${file.file}` : `${seriesUid} ${rows} ${columns}`
    groups.set(key, [...(groups.get(key) ?? []), file])
  }
  return [...groups]
    .map(([key, group]) => {
      const [first] = group
      const items = inOrder(group).flatMap((file) =>
        Array.from({ length: file.facts.frames }, (_, frame) => ({ ...file, frame })),
      )
      const name = first?.facts.seriesDescription || first?.facts.studyDescription || first?.name || ''
      return { key, name, items, isEcg: first?.facts.kind === 'ecg', number: first?.facts.seriesNumber ?? Infinity }
    })
    .toSorted((a, b) => (a.number === b.number ? 0 : a.number - b.number))
}

function inOrder(files: readonly ReadFile[]): ReadFile[] {
  const hasEvery = (pick: (facts: DicomFacts) => number | null) => {
    const values = files.map(({ facts }) => pick(facts))
    return !values.includes(null) && new Set(values).size === files.length
  }
  const by = (pick: (facts: DicomFacts) => number | null) =>
    files.toSorted((a, b) => (pick(a.facts) ?? 0) - (pick(b.facts) ?? 0))
  if (hasEvery(({ instanceNumber }) => instanceNumber)) return by(({ instanceNumber }) => instanceNumber)
  if (hasEvery(({ position }) => position)) return by(({ position }) => position)
  const byName = new Intl.Collator('en', { numeric: true })
  return files.toSorted((a, b) => byName.compare(a.name, b.name))
}
