import type { Message, Segment } from './message.ts'

export interface Result {
  readonly obx: Segment
  readonly notes: readonly Segment[]
}
/** An order, and what stands behind it up to the next one. */
export interface Group {
  /** OBR or RXA; null for what comes before the first. */
  readonly order: Segment | null
  /** ORC. */
  readonly common: Segment | null
  readonly notes: readonly Segment[]
  readonly results: readonly Result[]
  readonly specimens: readonly Segment[]
  /** RXR. */
  readonly route: Segment | null
}

/** Groups of a message by the segment that begins them. What belongs to none of ours (participants, charges, timing) is passed over. */
export function groupsOf({ segments }: Message, begins: 'OBR' | 'RXA'): readonly Group[] {
  const groups: Group[] = []
  let common: Segment | null = null
  let notes: Segment[] | null = null
  let results: Result[] = []
  let specimens: Segment[] = []
  const start = (order: Segment | null): void => {
    const orderNotes: Segment[] = []
    results = []
    specimens = []
    notes = order === null ? null : orderNotes
    groups.push({ order, common, notes: orderNotes, results, specimens, route: null })
    common = null
  }
  for (const segment of segments) {
    const last = groups.at(-1)
    switch (segment.name) {
      case 'ORC':
        common = segment
        notes = null
        break
      case begins:
        start(segment)
        break
      case 'OBX': {
        if (last === undefined) start(null)
        const resultNotes: Segment[] = []
        results.push({ obx: segment, notes: resultNotes })
        notes = resultNotes
        break
      }
      case 'SPM':
        if (last === undefined) start(null)
        specimens.push(segment)
        notes = null
        break
      case 'RXR':
        if (last !== undefined) groups[groups.length - 1] = { ...last, route: segment }
        break
      case 'NTE':
        notes?.push(segment)
        break
    }
  }
  return groups
}
