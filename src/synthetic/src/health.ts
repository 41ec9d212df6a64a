import { ILLNESSES, type Illness } from './illnesses.ts'
import { MEASURES, measureOf, type MeasureName } from './measures.ts'
import type { Person } from './person.ts'
import type { Random } from './random.ts'

const YEAR_MS = 365.25 * 24 * 3600 * 1000
/** An illness builds up over this time before it is found, and treatment takes as long to work as `TREATED_MS`. */
const BUILD_UP_MS = 2 * YEAR_MS
const TREATED_MS = YEAR_MS / 2

export interface Diagnosis {
  readonly illness: Illness
  readonly foundMs: number
}

export interface Health {
  readonly diagnoses: readonly Diagnosis[]
  /** One more sample at this time: two readings differ a little. Derived measures follow from those read before at the same time. */
  measure(name: MeasureName, atMs: number, state: { readonly fever: boolean }): number
}

/** How one person's body behaves between two times. */
export function makeHealth(random: Random, person: Person, fromMs: number, untilMs: number): Health {
  const bornMs = Date.parse(person.birthDate)
  const baseline = new Map<MeasureName, number>()
  for (const name of namesOf(MEASURES)) {
    const { mean, deviation } = measureOf(name)
    baseline.set(name, random.normal(mean + (person.gender === 'male' ? maleOffset(name) : 0), deviation))
  }
  const diagnoses = ILLNESSES.flatMap((illness: Illness) => {
    const earliestMs = Math.max(fromMs - 3 * YEAR_MS, bornMs + illness.fromAge * YEAR_MS)
    const foundMs = random.between(earliestMs, untilMs)
    const hasIt = random.chance(illness.probability)
    return hasIt && earliestMs < untilMs ? [{ illness, foundMs }] : []
  })
  const drift = random.normal(0.25, 0.3) // kilograms a year

  const lastRead = new Map<MeasureName, number>()
  const read = (name: MeasureName) => lastRead.get(name) ?? baseline.get(name) ?? measureOf(name).mean
  function sample(name: MeasureName, atMs: number, fever: boolean): number {
    switch (name) {
      case 'ldl':
        return read('cholesterol') - read('hdl') - read('triglycerides') / 5 // Friedewald
      case 'hematocrit':
        return read('hemoglobin') * 3
      case 'bmi':
        return read('weight') / (read('height') / 100) ** 2
      case 'gfr':
        return filtrationRate(read('creatinine'), (atMs - bornMs) / YEAR_MS, person.gender)
      case 'height':
        return baseline.get('height') ?? 170
      default: {
        const { deviation } = measureOf(name)
        const shift = diagnoses.reduce((sum, diagnosis) => sum + shiftBy(diagnosis, name, atMs), 0)
        const aging = name === 'weight' ? (drift * (atMs - fromMs)) / YEAR_MS : 0
        const warm = fever && name === 'temperature' ? 1.9 : fever && name === 'heartRate' ? 16 : 0
        return (baseline.get(name) ?? 0) + shift + aging + warm + random.normal(0, deviation / 3)
      }
    }
  }
  return {
    diagnoses,
    measure(name, atMs, { fever }) {
      const { decimals } = measureOf(name)
      const highest = name === 'saturation' ? 100 : Infinity
      const value = Number(
        Math.min(highest, Math.max(sample(name, atMs, fever), 4 * 10 ** -decimals)).toFixed(decimals),
      )
      lastRead.set(name, value)
      return value
    },
  }
}

function shiftBy({ illness, foundMs }: Diagnosis, name: MeasureName, atMs: number): number {
  const effect = illness.effects[name]
  if (effect === undefined) return 0
  const builtUp = clamp((atMs - foundMs + BUILD_UP_MS) / BUILD_UP_MS)
  const treated = clamp((atMs - foundMs) / TREATED_MS) * effect.treated
  return effect.shift * builtUp * (1 - treated)
}

/** CKD-EPI 2021 creatinine equation, without race. */
function filtrationRate(creatinine: number, ageYears: number, gender: Person['gender']): number {
  const [kappa, alpha, factor] = gender === 'female' ? [0.7, -0.241, 1.012] : [0.9, -0.302, 1]
  const ratio = creatinine / kappa
  return 142 * Math.min(ratio, 1) ** alpha * Math.max(ratio, 1) ** -1.2 * 0.9938 ** ageYears * factor
}

function maleOffset(name: MeasureName): number {
  return { height: 8, weight: 9, hemoglobin: 1, creatinine: 0.1, hdl: -6, ferritin: 50 }[name as string] ?? 0
}

const clamp = (value: number) => Math.min(1, Math.max(0, value))
const namesOf = <T extends object>(table: T) => Object.keys(table) as (keyof T)[]
