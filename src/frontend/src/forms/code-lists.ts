import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'

// Short lists of what is written down most, with the codes of the International Patient Summary's own lists: SNOMED CT (snomed.org, Global
// Patient Set), CVX of the CDC for vaccines, RxNorm for medicines. Whatever is not here is stored as the words that were typed.

export const SNOMED = 'http://snomed.info/sct'
export const LOINC = 'http://loinc.org'
const CVX = 'http://hl7.org/fhir/sid/cvx'
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'

export type CodeList = 'allergens' | 'reactions' | 'conditions' | 'vaccines' | 'medicines'
interface Coded {
  readonly code: string
  /** Key of its name; names of medicines are international (INN) and stand for themselves. */
  readonly label: SimpleKey | { readonly inn: string }
}

const coded = (table: Readonly<Record<string, SimpleKey>>): Coded[] =>
  Object.entries(table).map(([code, label]) => ({ code: code.slice(1), label }))
const inn = (table: Readonly<Record<string, string>>): Coded[] =>
  Object.entries(table).map(([name, code]) => ({ code, label: { inn: name } }))

// Codes begin with a letter here, so that they keep their order and their zeros.
const LISTS: Readonly<Record<CodeList, { readonly system: string; readonly items: readonly Coded[] }>> = {
  allergens: {
    system: SNOMED,
    items: coded({
      s373270004: 'codes.penicillin',
      s387406002: 'codes.sulfonamide',
      s387458008: 'codes.aspirin',
      s387207008: 'codes.ibuprofen',
      s111088007: 'codes.latex',
      s762952008: 'codes.peanut',
      s102263004: 'codes.egg',
      s3718001: 'codes.milk',
      s735029006: 'codes.shellfish',
      s735971005: 'codes.fish',
      s412071004: 'codes.wheat',
      s288328004: 'codes.beeVenom',
      s256277009: 'codes.grassPollen',
      s260147004: 'codes.dustMite',
      s264287008: 'codes.animalHair',
    }),
  },
  reactions: {
    system: SNOMED,
    items: coded({
      s271807003: 'codes.rash',
      s126485001: 'codes.hives',
      s418290006: 'codes.itching',
      s41291007: 'codes.swelling',
      s267036007: 'codes.breathless',
      s422587007: 'codes.nausea',
      s422400008: 'codes.vomiting',
      s62315008: 'codes.diarrhoea',
      s39579001: 'codes.anaphylaxis',
    }),
  },
  conditions: {
    system: SNOMED,
    items: coded({
      s38341003: 'codes.hypertension',
      s44054006: 'codes.diabetes2',
      s46635009: 'codes.diabetes1',
      s195967001: 'codes.asthma',
      s13645005: 'codes.copd',
      s55822004: 'codes.highLipids',
      s40930008: 'codes.hypothyroidism',
      s35489007: 'codes.depression',
      s48694002: 'codes.anxiety',
      s49436004: 'codes.atrialFibrillation',
      s53741008: 'codes.coronary',
      s84114007: 'codes.heartFailure',
      s709044004: 'codes.kidney',
      s396275006: 'codes.arthrosis',
      s37796009: 'codes.migraine',
      s235595009: 'codes.reflux',
      s84757009: 'codes.epilepsy',
      s69896004: 'codes.rheumatoid',
      s64859006: 'codes.osteoporosis',
    }),
  },
  vaccines: {
    system: CVX,
    items: coded({
      c213: 'codes.vaccineCovid',
      c88: 'codes.vaccineFlu',
      c139: 'codes.vaccineTetanus',
      c115: 'codes.vaccineTdap',
      c03: 'codes.vaccineMmr',
      c21: 'codes.vaccineVaricella',
      c85: 'codes.vaccineHepA',
      c45: 'codes.vaccineHepB',
      c137: 'codes.vaccineHpv',
      c109: 'codes.vaccinePneumo',
      c108: 'codes.vaccineMeningo',
      c89: 'codes.vaccinePolio',
      c122: 'codes.vaccineRota',
      c188: 'codes.vaccineZoster',
      c77: 'codes.vaccineTbe',
      c184: 'codes.vaccineYellow',
      c90: 'codes.vaccineRabies',
      c91: 'codes.vaccineTyphoid',
    }),
  },
  medicines: {
    system: RXNORM,
    items: inn({
      paracetamol: '161',
      ibuprofen: '5640',
      metformin: '6809',
      amlodipine: '17767',
      lisinopril: '29046',
      ramipril: '35296',
      losartan: '52175',
      bisoprolol: '19484',
      metoprolol: '6918',
      atorvastatin: '83367',
      simvastatin: '36567',
      omeprazole: '7646',
      pantoprazole: '40790',
      levothyroxine: '10582',
      salbutamol: '435',
      amoxicillin: '723',
      warfarin: '11289',
      apixaban: '1364430',
      furosemide: '4603',
      hydrochlorothiazide: '5487',
      sertraline: '36437',
      prednisone: '8640',
    }),
  },
}

const nameOf = ({ label }: Coded): string => (typeof label === 'string' ? t(label) : label.inn)

/** Names to choose from, in the language of the page. */
export const namesIn = (list: CodeList): string[] => LISTS[list].items.map(nameOf)

/** The CodeableConcept of what was typed: with a code where the list has that name. */
export function conceptOf(list: CodeList, typed: string): object {
  const wanted = typed.trim().toLowerCase()
  const { system, items } = LISTS[list]
  const found = items.find((item) => nameOf(item).toLowerCase() === wanted)
  return { ...(found !== undefined && { coding: [{ system, code: found.code }] }), text: typed.trim() }
}
