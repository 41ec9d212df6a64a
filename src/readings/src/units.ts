import { type Measure, type MeasureUnit } from './measures.ts'

/** As people, phones and meters write units, in lower case without spaces, and the UCUM code it means. Only what one can mean. */
const WRITTEN: Readonly<Record<string, string>> = {
  mmhg: 'mm[Hg]',
  'mm[hg]': 'mm[Hg]',
  kpa: 'kPa',
  'mmol/l': 'mmol/L',
  'mmol<180.1558800000541>/l': 'mmol/L',
  'mg/dl': 'mg/dL',
  'count/min': '/min',
  'count/s': '/s',
  'beats/min': '/min',
  'breaths/min': '/min',
  bpm: '/min',
  '/min': '/min',
  '1/min': '/min',
  '{beats}/min': '/min',
  '{breaths}/min': '/min',
  kg: 'kg',
  kgs: 'kg',
  lb: '[lb_av]',
  lbs: '[lb_av]',
  '[lb_av]': '[lb_av]',
  g: 'g',
  st: '[stone_av]',
  '[stone_av]': '[stone_av]',
  cm: 'cm',
  m: 'm',
  in: '[in_i]',
  '[in_i]': '[in_i]',
  ft: '[ft_i]',
  '[ft_i]': '[ft_i]',
  km: 'km',
  mi: '[mi_i]',
  '[mi_i]': '[mi_i]',
  c: 'Cel',
  cel: 'Cel',
  '°c': 'Cel',
  '℃': 'Cel',
  degc: 'Cel',
  f: '[degF]',
  '°f': '[degF]',
  '℉': '[degF]',
  degf: '[degF]',
  '[degf]': '[degF]',
  k: 'K',
  '%': '%',
  percent: '%',
  '1': '1',
  count: '1',
  steps: '1',
  '{steps}': '1',
  ms: 'ms',
  s: 's',
  sec: 's',
  min: 'min',
  h: 'h',
  hr: 'h',
  kcal: 'kcal',
  cal: 'kcal',
  kj: 'kJ',
  'kg/m2': 'kg/m2',
  'kg/m²': 'kg/m2',
  'kg/m^2': 'kg/m2',
}

/**
 * UCUM code of a unit as it is written somewhere; null for what has more than one meaning or none here. Files of phones say `Cal` and `cal` for kilocalories; nothing about
 * health is told in the small one.
 */
export const ucumOf = (written: string): string | null => WRITTEN[written.replaceAll(/\s/g, '').toLowerCase()] ?? null

/** A unit of a measure by its UCUM code, or as people write it; null for what the measure has no conversion for. */
export function unitOf(measure: Measure, written: string): MeasureUnit | null {
  const units = [...measure.units, ...(measure.accepted ?? [])]
  const ucum = ucumOf(written)
  return (
    units.find((unit) => unit.ucum === written || (unit.text !== '' && unit.text === written)) ??
    units.find((unit) => unit.ucum === ucum) ??
    null
  )
}

export function converted(value: number, from: MeasureUnit, to: MeasureUnit): number {
  if (from.ucum === to.ucum) return value
  return (value * from.factor + (from.offset ?? 0) - (to.offset ?? 0)) / to.factor
}

/** Without the tail that binary fractions have: twelve digits are more than any device measures. */
export const tidied = (value: number): number => Number(value.toPrecision(12))

/** Decimal places that a number is written with, at most nine. */
export function decimalsOf(value: number): number {
  for (let decimals = 0; decimals < 9; decimals++) if (Number(value.toFixed(decimals)) === value) return decimals
  return 9
}

/** Whether two numbers say the same, one of them perhaps after a conversion that rounded it. */
export function saysTheSame(a: number, from: MeasureUnit, b: number, to: MeasureUnit): boolean {
  if (from.ucum === to.ucum) return a === b
  const matches = (value: number, other: number) => Number(value.toFixed(decimalsOf(other))) === other
  return matches(converted(a, from, to), b) || matches(converted(b, to, from), a)
}
