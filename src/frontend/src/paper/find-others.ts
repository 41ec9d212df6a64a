import { type CodeList, namesIn } from '../forms/code-lists.ts'
import type { FormKind, Values } from '../forms/form-store.ts'
import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'
import { daysIn } from './find-dates.ts'
import { folded, plainText } from './folding.ts'
import { type Place, type ReadLine, textOf } from './paper-types.ts'

// Vaccinations, medicines, allergies, conditions and blood pressure, where a line says plainly that it is one.

export interface FoundEntry {
  readonly kind: FormKind
  readonly values: Values
  readonly unsure: readonly string[]
  /** As it was read. */
  readonly line: string
  /** Where it stands on the paper. */
  readonly place?: Place
}

/** What vaccines are sold as in Europe, and words that stand for one, with the name that the form has for it. */
const VACCINES: readonly (readonly [RegExp, SimpleKey])[] = [
  [/comirnaty|spikevax|vaxzevria|nuvaxovid|covid|sars-?cov/i, 'codes.vaccineCovid'],
  [/vaxigrip|influvac|fluarix|efluelda|influenza|chřipk|chripk|الإنفلونزا/iu, 'codes.vaccineFlu'],
  [/boostrix|adacel|tdap|infanrix|hexacima/i, 'codes.vaccineTdap'],
  [/tetavax|tetanus|الكزاز/iu, 'codes.vaccineTetanus'],
  [/priorix|m-?m-?rvaxpro|\bmmr\b|measles|spalničk|الحصبة/iu, 'codes.vaccineMmr'],
  [/varilrix|varivax|varicella/i, 'codes.vaccineVaricella'],
  [/havrix|avaxim|vaqta|hepatit(?:is|ida) a\b/i, 'codes.vaccineHepA'],
  [/engerix|hbvaxpro|hepatit(?:is|ida) b\b/i, 'codes.vaccineHepB'],
  [/gardasil|cervarix|\bhpv\b/i, 'codes.vaccineHpv'],
  [/prevenar|apexxnar|pneumovax|pneumoco|pneumoko/i, 'codes.vaccinePneumo'],
  [/nimenrix|bexsero|menveo|trumenba|meningoco|meningoko/i, 'codes.vaccineMeningo'],
  [/imovax polio|polio|poliomyel/i, 'codes.vaccinePolio'],
  [/shingrix|zoster|pásov/iu, 'codes.vaccineZoster'],
  [/fsme|encepur|tick-?borne|klíšť|klist/iu, 'codes.vaccineTbe'],
  [/stamaril|yellow fever|žlut(?:á|é) zimnic/iu, 'codes.vaccineYellow'],
  [/verorab|rabipur|rabies|vzteklin/i, 'codes.vaccineRabies'],
  [/typhim|vivotif|typhoid|břišní tyf/iu, 'codes.vaccineTyphoid'],
]
const IS_VACCINATION = /vaccin|immuni[sz]|očkov|ockov|comirnaty|spikevax|تطعيم|لقاح|تحصين/iu
const DOSE_NUMBER =
  /(?:dose|dávka|davka|الجرعة)\s*(?:no\.?|č\.)?\s*:?\s*(\d{1,2})\b|\b(\d{1,2})(?:\.|st|nd|rd|th)?\s*(?:dose|dávka|davka)/iu
const LOT =
  /(?:\blot\b|batch|šarže|sarze|č\. ?š\.|التشغيلة)(?: ?(?:no|nr|number|číslo|č)\b\.?)?\s*[:#]?\s*([A-Z0-9][A-Z0-9-]{3,15})/iu

/** @param isAbout the whole paper is about vaccinations. */
export function vaccineIn(line: ReadLine, isAbout: boolean): FoundEntry | null {
  const text = plainText(textOf(line))
  if (!isAbout && !IS_VACCINATION.test(text)) return null
  const [, label] = VACCINES.find(([pattern]) => pattern.test(text)) ?? []
  if (label === undefined) return null
  const [day] = daysIn(text)
  const dose = DOSE_NUMBER.exec(text)
  return entry('vaccine', line, {
    what: t(label),
    ...(day !== undefined && { day: day.day }),
    ...(dose !== null && { dose: dose[1] ?? dose[2] ?? '' }),
    ...lotIn(text),
  })
}
const lotIn = (text: string) => {
  const lot = LOT.exec(text)?.[1]
  return lot === undefined || !/\d/.test(lot) ? {} : { lot }
}
export const isAboutVaccines = (text: string): boolean => IS_VACCINATION.test(text)

const STRENGTH = /(\d{1,5}(?:[.,]\d{1,3})?)\s?(mg|mcg|µg|μg|ug|g|ml)\b/iu
const THREE_TIMES = /(?<![\d-])(\d)\s?-\s?(\d)\s?-\s?(\d)(?:\s?-\s?(\d))?(?![\d-])/
const TIMES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:once|1\s?[x×])\s*(?:a|per)?\s*(?:day|daily|denně)|\bonce daily|\b1\s?[x×] ?denně|مرة (?:واحدة )?يوميا/iu, '1'],
  [/\b(?:twice|2\s?[x×])\s*(?:a|per)?\s*(?:day|daily|denně)|مرتين يوميا|مرتان يوميا/iu, '2'],
  [/\b(?:three times|3\s?[x×])\s*(?:a|per)?\s*(?:day|daily|denně)|ثلاث مرات يوميا/iu, '3'],
]
/** Medicines are named in many endings: the first letters of the international name decide. */
const STEM_CHARS = 7

export function medicineIn(line: ReadLine): FoundEntry | null {
  const text = plainText(textOf(line))
  const words = text.split(/[\s,;:()]+/).map(folded)
  const name = namesIn('medicines').find((one) => words.some((word) => isSame(word, folded(one))))
  const strength = STRENGTH.exec(text)
  if (name === undefined || strength === null) return null
  const unit = (strength[2] ?? '')
    .toLowerCase()
    .replace(/^(mcg|ug|μg)$/, 'µg')
    .replace('ml', 'mL')
  const often = oftenIn(text)
  return entry('medicine', line, {
    what: name,
    status: 'active',
    dose: strength[1] ?? '',
    doseUnit: unit,
    ...(often !== null && { frequency: often.count, period: 'd' }),
    ...(often !== null && often.written !== null && { how: often.written }),
  })
}
const isSame = (word: string, name: string) =>
  word === name ||
  (name.length >= STEM_CHARS && word.startsWith(name.slice(0, STEM_CHARS)) && word.length <= name.length + 3)

function oftenIn(text: string): { readonly count: string; readonly written: string | null } | null {
  const three = THREE_TIMES.exec(text)
  if (three !== null) {
    const count = three.slice(1).filter((part) => part !== undefined && part !== '0').length
    return count === 0 ? null : { count: String(count), written: three[0] }
  }
  const [, count] = TIMES.find(([pattern]) => pattern.test(text)) ?? []
  return count === undefined ? null : { count, written: null }
}

const ALLERGY = /^(?:allerg(?:y|ies)|alergie|(?:ال)?حساسية)\s*(?:to|na|من)?\s*[:-]\s*(.{3,100})$/iu
const DIAGNOSIS = /^(?:diagnos[ie]s|diagnóz[ay]|dg\.?|(?:ال)?تشخيص)\s*[:-]\s*(.{3,160})$/iu
const NONE = /^(?:none|no\b|nil|nkda|n\/a|neguje|žádné|zadne|bez |0$|-|لا)/iu

/** Allergies or diagnoses behind their heading, one each between commas. */
export function listedIn(line: ReadLine): FoundEntry[] {
  const text = plainText(textOf(line))
  for (const [pattern, kind, list] of [
    [ALLERGY, 'allergy', 'allergens'],
    [DIAGNOSIS, 'condition', 'conditions'],
  ] as const) {
    const said = pattern.exec(text)?.[1]
    if (said === undefined || NONE.test(said.trim())) continue
    return said
      .split(/[,;]/)
      .map((part) =>
        part
          .replace(/^[A-Z]\d{2}(?:\.\d{1,2})?\s+/, '')
          .replace(/[.\s]+$/, '')
          .trim(),
      )
      .filter((part) => part.length >= 3)
      .map((part) => entry(kind, line, { what: named(list, part), status: 'active' }))
  }
  return []
}
const named = (list: CodeList, said: string): string =>
  namesIn(list).find((name) => folded(name) === folded(said)) ?? said

const PRESSURE = /(?:\bbp\b|blood pressure|\btk\b|krevní tlak|ضغط الدم)\D{0,12}(\d{2,3})\s?\/\s?(\d{2,3})(?!\d)/iu

export function pressureIn(line: ReadLine): FoundEntry | null {
  const found = PRESSURE.exec(plainText(textOf(line)))
  if (found === null) return null
  const [, systolic = '', diastolic = ''] = found
  return entry('vital', line, { measure: 'bloodPressure', systolic, diastolic })
}

const SURE_MIN = 75
const entry = (kind: FormKind, line: ReadLine, values: Values): FoundEntry => ({
  kind,
  values,
  line: textOf(line),
  // Which letters were hard to read is known, which field they are in is not always: the whole entry is to be looked at twice.
  unsure: line.some(({ sure, text }) => sure < SURE_MIN && text.length > 1) ? ['what'] : [],
})
