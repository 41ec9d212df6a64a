import type { Profile } from '@medguard/client'
import {
  DIASTOLIC as DIASTOLIC_TABLE,
  type KnownMeasure,
  LABS as LABS_TABLE,
  measureOfCode as inTable,
  type MeasureUnit,
  SYSTOLIC as SYSTOLIC_TABLE,
  VITALS as VITALS_TABLE,
} from '@medguard/readings'
import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'

// What people measure and have measured: the table of @medguard/readings with the words of the page.

export { converted, unitOf } from '@medguard/readings'
export type { MeasureUnit }

export interface Measure extends KnownMeasure {
  readonly label: SimpleKey
}

const labelled = new Map<string, Measure>()
function withLabel(measure: KnownMeasure): Measure {
  const known = labelled.get(measure.id)
  if (known !== undefined) return known
  const made: Measure = { ...measure, label: `codes.${measure.id}` }
  labelled.set(measure.id, made)
  return made
}

export const SYSTOLIC = withLabel(SYSTOLIC_TABLE)
export const DIASTOLIC = withLabel(DIASTOLIC_TABLE)
/** Those of the FHIR R4 vital signs profile, and glucose. Blood pressure is two of them in one. */
export const VITALS: readonly Measure[] = VITALS_TABLE.map(withLabel)
export const LABS: readonly Measure[] = LABS_TABLE.map(withLabel)

const IMPERIAL: ReadonlySet<string> = new Set(['[lb_av]', '[in_i]', '[degF]'])
/** In which of its units somebody reads a measure who chose a system; the first where there is nothing to choose. */
export const unitIn = ({ units }: Pick<Measure, 'units'>, system: Profile['units']): MeasureUnit =>
  (system === 'imperial' ? units.find(({ ucum }) => IMPERIAL.has(ucum)) : undefined) ?? units[0]

export function measureOfCode(loinc: string): Measure | null {
  const measure = inTable(loinc)
  return measure === null ? null : withLabel(measure)
}

/** By its name in the language of the page. */
export function measureNamed(measures: readonly Measure[], name: string): Measure | null {
  const wanted = name.trim().toLowerCase()
  return measures.find((measure) => t(measure.label).toLowerCase() === wanted) ?? null
}
