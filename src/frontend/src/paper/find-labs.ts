import { LABS, type Measure } from '../forms/measures.ts'
import type { Values } from '../forms/form-store.ts'
import { t } from '../words/language.ts'
import { folded, foldedUnit, plainText } from './folding.ts'
import { type ReadLine, textOf } from './paper-types.ts'

// Results of a laboratory: lines of a name, a number, a unit and a usual range. What does not look like one is left alone, and what looks as if a point was
// lost on the way is not proposed.

/** Names on papers in English, Czech and Arabic, with a dash for each space: they are compared without either. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  haemoglobin: ['haemoglobin', 'hemoglobin', 'hgb', 'hb', 'الهيموغلوبين', 'هيموجلوبين', 'خضاب-الدم'],
  haematocrit: ['haematocrit', 'hematocrit', 'hematokrit', 'hct', 'الهيماتوكريت'],
  leukocytes: ['leukocytes', 'leucocytes', 'leukocyty', 'white-blood-cells', 'wbc', 'كريات-الدم-البيضاء'],
  platelets: ['platelets', 'trombocyty', 'thrombocytes', 'plt', 'الصفائح-الدموية'],
  glucose: ['glucose', 'glukóza', 'glukosa', 'الجلوكوز', 'الغلوكوز', 'سكر-الدم'],
  hba1c: ['hba1c', 'glycated-haemoglobin', 'glykovaný-hemoglobin', 'السكر-التراكمي'],
  creatinine: ['creatinine', 'kreatinin', 'الكرياتينين'],
  egfr: ['egfr', 'gfr'],
  potassium: ['potassium', 'draslík', 'البوتاسيوم'],
  sodium: ['sodium', 'sodík', 'الصوديوم'],
  calcium: ['calcium', 'vápník', 'الكالسيوم'],
  alt: ['alt', 'alat', 'alanine-aminotransferase'],
  ast: ['ast', 'asat', 'aspartate-aminotransferase'],
  ggt: ['ggt', 'gmt', 'gamma-gt'],
  bilirubin: ['bilirubin', 'total-bilirubin', 'البيليروبين'],
  crp: ['crp', 'c-reactive-protein'],
  cholesterol: ['cholesterol', 'total-cholesterol', 'cholesterol-celkový', 'الكوليسترول', 'الكوليسترول-الكلي'],
  hdl: ['hdl', 'hdl-cholesterol', 'cholesterol-hdl'],
  ldl: ['ldl', 'ldl-cholesterol', 'cholesterol-ldl'],
  triglycerides: ['triglycerides', 'triglyceridy', 'triacylglyceroly', 'الدهون-الثلاثية'],
  tsh: ['tsh'],
  freeT4: ['free-t4', 'ft4', 't4-volný', 'volný-t4'],
  ferritin: ['ferritin', 'feritin', 'الفيريتين'],
  vitaminB12: ['vitamin-b12', 'b12', 'فيتامين-ب12'],
  inr: ['inr'],
}
const BY_NAME = new Map<string, Measure>()
for (const measure of LABS) for (const name of NAMES[measure.id] ?? []) BY_NAME.set(folded(name), measure)

/** Units on papers that no measure of ours has. */
const OTHER_UNITS =
  'fL,pg,g/L,g/dL,mg/dL,mg/L,ug/L,ug/dL,ng/mL,pg/mL,ng/dL,nmol/L,pmol/L,mmol/L,umol/L,mmol/mol,U/L,IU/L,mIU/L,uIU/mL,mU/L,ukat/L,10^9/L,10^12/L,10^3/uL,10^6/uL,mm/h,s,mL/s,%'
    .split(',')
    .map((unit) => [foldedUnit(unit), unit.replace(/^u(?=[gmkI])/, 'µ').replace('/uL', '/µL')] as const)
const UNITS = new Map(OTHER_UNITS)

export interface FoundLab {
  readonly values: Values
  /** Fields that the eye has to look at twice. */
  readonly unsure: readonly string[]
  /** The line as it was read. */
  readonly line: string
}

const NUMBER = String.raw`\d{1,6}(?:[.,]\d{1,4})?`
const SHAPE = new RegExp(
  String.raw`^(?<name>\p{L}[\p{L}\p{N} ()/%.,'+-]*?)(?:\s+\d{1,5}-\d)?[\s:=]+(?<than>[<>≤≥])?\s?(?<value>${NUMBER})(?<rest>(?![\d.,/-]).*)$`,
  'u',
)
const BETWEEN = new RegExp(String.raw`(?<![\d.,])(${NUMBER})\s?-\s?(${NUMBER})(?![\d.,])`)
const UP_TO = new RegExp(String.raw`[<≤]\s?(${NUMBER})(?![\d.,])`)
const FROM = new RegExp(String.raw`[>≥]\s?(${NUMBER})(?![\d.,])`)

/** `05` is a number whose point was not read. */
const isWhole = (number: string): boolean => !/^0\d/.test(number)
const valueOf = (number: string): number => Number(number.replace(',', '.'))
const SURE_MIN = 75
/** A result so many times beyond its usual range is more often a lost point than a sick person; either way somebody has to look. */
const FAR = 8

/** @returns null for a line that is no result. */
export function labIn(line: ReadLine): FoundLab | null {
  const text = plainText(textOf(line))
  const groups = SHAPE.exec(text)?.groups
  if (groups === undefined) return null
  const { name = '', than = '', value = '', rest = '' } = groups
  const measure = measureNamed(name)
  const unit = unitAt(rest, measure)
  const range = rangeIn(unit === null ? rest : rest.slice(unit.length))
  // A name that we know and something beside its number; or a unit and a range, for those that we do not know.
  if (measure === null ? unit === null || range === null || unit.text === 's' : unit === null && range === null)
    return null
  const unsure = new Set<string>()
  const number = valueOf(value)
  if (!isWhole(value)) unsure.add('value')
  if (range !== null && !range.isSound) unsure.add('range')
  const bounds = range !== null && range.isSound ? range : { low: null, high: null }
  if (bounds.high !== null && number > valueOf(bounds.high) * FAR) unsure.add('value')
  if (bounds.low !== null && number < valueOf(bounds.low) / FAR) unsure.add('value')
  if (unit === null) unsure.add('unit')
  if (line.some((word) => word.sure < SURE_MIN && plainText(word.text).includes(value))) unsure.add('value')
  if (line.some((word) => word.sure < SURE_MIN && /\p{L}/u.test(word.text) && name.includes(plainText(word.text))))
    unsure.add('test')
  const values = {
    test: measure === null ? name.trim() : t(measure.label),
    value: isWhole(value) ? `${than}${value}` : '',
    unit: unit?.text ?? '',
    low: bounds.low ?? '',
    high: bounds.high ?? '',
  }
  return { values, unsure: [...unsure], line: textOf(line) }
}

/** By the whole name, or by its beginning: `Glucose (fasting)`, `Hemoglobin, blood`. */
function measureNamed(name: string): Measure | null {
  const whole = BY_NAME.get(folded(name))
  if (whole !== undefined) return whole
  const words = name.split(/[\s,(:]+/).filter((word) => word !== '')
  for (let count = words.length; count > 0; count--) {
    const known = BY_NAME.get(folded(words.slice(0, count).join('')))
    if (known !== undefined) return known
  }
  return null
}

/** The unit that a text begins with, as the form writes it. */
function unitAt(rest: string, measure: Measure | null): { readonly text: string; readonly length: number } | null {
  const beginning = /^\s*((?:[x×]\s?)?10\s?[\^*]?\s?[\d⁹]{1,2}\s?\/\s?\S+|\S+(?:\s?\/\s?\S+)?)/u.exec(rest)
  if (beginning === null) return null
  for (const written of [beginning[1] ?? '', (beginning[1] ?? '').split(' ')[0] ?? '']) {
    const wanted = foldedUnit(written)
    const own = measure?.units.find(({ ucum, text }) => foldedUnit(ucum) === wanted || foldedUnit(text) === wanted)
    const text = own?.text ?? UNITS.get(wanted)
    if (text !== undefined) return { text, length: rest.indexOf(written) + written.length }
  }
  return null
}

function rangeIn(text: string): { low: string | null; high: string | null; isSound: boolean } | null {
  const between = BETWEEN.exec(text)
  if (between !== null) {
    const [, low = '', high = ''] = between
    return { low, high, isSound: isWhole(low) && isWhole(high) && valueOf(low) < valueOf(high) }
  }
  const high = UP_TO.exec(text)?.[1] ?? null
  const low = FROM.exec(text)?.[1] ?? null
  if (high === null && low === null) return null
  return { low, high, isSound: isWhole(low ?? '1') && isWhole(high ?? '1') }
}
