import { readFileSync, writeFileSync } from 'node:fs'
import type { ActCycles } from './acts.ts'
import type { KeptBytes } from './kept.ts'
import type { SealedTexts } from './shortening.ts'

// What calls took when somebody last agreed to it. Figures only fall; a call that became dearer has a note that says why.

const FILE = new URL('baseline.json', import.meta.url)
/** A call may take this much more than it was agreed to before somebody has to say why. */
const MARGIN = 1.02

export interface Note {
  readonly call: string
  readonly from: number
  readonly to: number
  readonly why: string
}
export interface Agreed {
  /** The least that each call took, in instructions. */
  readonly instructions: Readonly<Record<string, number>>
  /** One at most for each call, from that figure. */
  readonly notes: readonly Note[]
}
export interface Baseline extends Agreed {
  /** What acts took and kept when this was written: `docs/cost.md` is made of them. */
  readonly cycles: ActCycles
  readonly kept: KeptBytes
  readonly texts: SealedTexts
}

export const readBaseline = (): Baseline => JSON.parse(readFileSync(FILE, 'utf8')) as Baseline
export const writeBaseline = (baseline: Baseline): void => writeFileSync(FILE, `${JSON.stringify(baseline, null, 2)}\n`)

const noteOf = ({ instructions, notes }: Agreed, call: string): Note | undefined =>
  notes.find((note) => note.call === call && note.from === instructions[call] && note.why.trim() !== '')

/** What a call may take; null for one that nobody agreed to. */
export function allowed(baseline: Agreed, call: string): number | null {
  const agreed = noteOf(baseline, call)?.to ?? baseline.instructions[call]
  return agreed === undefined ? null : Math.floor(agreed * MARGIN)
}

/** A line for each call that takes more than it may, is not listed, or is listed and not there. */
export function objections(measured: ReadonlyMap<string, number>, baseline: Agreed): string[] {
  const lines: string[] = []
  for (const [call, instructions] of measured) {
    const limit = allowed(baseline, call)
    const before = noteOf(baseline, call)?.to ?? baseline.instructions[call] ?? 0
    if (limit === null) lines.push(`${call} is not listed`)
    else if (instructions > limit) {
      const percent = ((instructions / before - 1) * 100).toFixed(1)
      lines.push(`${call} takes ${instructions} instructions, ${percent} % more than ${before}`)
    }
  }
  for (const call of Object.keys(baseline.instructions)) if (!measured.has(call)) lines.push(`${call} is not called`)
  return lines
}

/**
 * The baseline after a measurement: figures that fell, calls that are new or gone, and notes for what became dearer.
 * @param why what made them dearer; null when nothing did.
 * @throws Error when something did.
 */
export function updated<B extends Agreed>(measured: ReadonlyMap<string, number>, baseline: B, why: string | null): B {
  const instructions: Record<string, number> = {}
  const notes: Note[] = []
  const known = Object.keys(baseline.instructions).filter((call) => measured.has(call))
  const calls = [...known, ...[...measured.keys()].filter((call) => !known.includes(call))]
  for (const call of calls) {
    const now = measured.get(call) ?? 0
    const from = Math.min(now, baseline.instructions[call] ?? now)
    instructions[call] = from
    const before = noteOf(baseline, call)
    if (now <= Math.floor(from * MARGIN)) continue
    if (now <= (allowed(baseline, call) ?? 0) && before !== undefined)
      notes.push({ ...before, to: Math.min(now, before.to) })
    else if (why === null)
      throw new Error(`${call} takes ${now} instructions in place of ${before?.to ?? from}: say why`)
    else notes.push({ call, from, to: now, why })
  }
  return { ...baseline, instructions, notes }
}
