import { clinicalDayText } from '../app/dates.ts'
import { listText, t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'
import { codeWord, conceptText, quantityNumber, quantityText, referenceText } from './fhir-values.ts'
import { at, firstText, type Json, listAt, numberAt, textAt } from './json-paths.ts'

// One FHIR R4 resource, told by what it is: what is worth knowing of a medicine is not what is worth knowing of an allergy.

export interface FhirFact {
  readonly label: SimpleKey
  readonly value: string
}

/** What the kinds of entry have that people make themselves, and that clinics send most. */
export const TOLD_TYPES = [
  'AllergyIntolerance',
  'Condition',
  'MedicationStatement',
  'MedicationRequest',
  'Immunization',
  'Observation',
] as const
export type ToldType = (typeof TOLD_TYPES)[number]
export const isTold = (type: string): type is ToldType => TOLD_TYPES.some((one) => one === type)

type Told = readonly (readonly [SimpleKey, string | null])[]

const codeOf = (concept: Json) => codeWord(textAt(concept, 'coding', 0, 'code') ?? textAt(concept, 'text'))
const day = (text: string | null) => clinicalDayText(text)
const notes = (resource: Json) => {
  const texts = listAt(resource, 'note').flatMap((note) => textAt(note, 'text') ?? [])
  return texts.length === 0 ? null : texts.join('\n')
}
const concepts = (list: readonly Json[]) => {
  const texts = list.flatMap((concept) => conceptText(concept) ?? [])
  return texts.length === 0 ? null : listText(texts)
}

const PERIODS: Readonly<Record<string, SimpleKey>> = { d: 'forms.perDay', wk: 'forms.perWeek', mo: 'forms.perMonth' }

/** `5 mg, 2× a day, as needed`: the dosage's own words, or what its numbers say. */
function scheduleText(dosage: Json): string | null {
  const written = textAt(dosage, 'text')
  if (written !== null) return written
  const often = numberAt(dosage, 'timing', 'repeat', 'frequency')
  const period = PERIODS[textAt(dosage, 'timing', 'repeat', 'periodUnit') ?? '']
  const isPlain = (numberAt(dosage, 'timing', 'repeat', 'period') ?? 1) === 1
  const parts = [
    quantityText(at(dosage, 'doseAndRate', 0, 'doseQuantity')),
    often === null || period === undefined || !isPlain
      ? conceptText(at(dosage, 'timing', 'code'))
      : t('forms.times', { number: often, period: t(period) }),
    at(dosage, 'asNeededBoolean') === true ? t('forms.asNeeded') : null,
  ].filter((part) => part !== null)
  return parts.length === 0 ? null : parts.join(', ')
}

function reactionText(reaction: Json): string[] {
  const what = concepts(listAt(reaction, 'manifestation'))
  const severity = codeWord(textAt(reaction, 'severity'))
  return what === null ? [] : [severity === null ? what : t('recordPage.reactionOf', { what, severity })]
}

function told(type: ToldType, resource: Json): Told {
  switch (type) {
    case 'AllergyIntolerance': {
      const reactions = listAt(resource, 'reaction').flatMap(reactionText)
      return [
        ['forms.reaction', reactions.length === 0 ? null : reactions.join('\n')],
        ['recordPage.criticality', codeWord(textAt(resource, 'criticality'))],
        ['forms.allergyKind', codeWord(textAt(resource, 'category', 0))],
        ['recordPage.status', codeOf(at(resource, 'clinicalStatus'))],
        ['recordPage.certainty', codeOf(at(resource, 'verificationStatus'))],
        ['forms.since', day(textAt(resource, 'onsetDateTime'))],
      ]
    }
    case 'Condition':
      return [
        ['recordPage.status', codeOf(at(resource, 'clinicalStatus'))],
        ['recordPage.certainty', codeOf(at(resource, 'verificationStatus'))],
        ['forms.severity', conceptText(at(resource, 'severity'))],
        ['recordPage.bodySite', concepts(listAt(resource, 'bodySite'))],
        ['forms.since', day(textAt(resource, 'onsetDateTime'))],
        ['forms.until', day(textAt(resource, 'abatementDateTime'))],
      ]
    case 'MedicationStatement':
    case 'MedicationRequest': {
      const dosages = [...listAt(resource, 'dosage'), ...listAt(resource, 'dosageInstruction')]
      const schedules = dosages.flatMap((dosage) => scheduleText(dosage) ?? [])
      const how = dosages.flatMap((dosage) => textAt(dosage, 'patientInstruction') ?? [])
      return [
        ['recordPage.schedule', schedules.length === 0 ? null : schedules.join('\n')],
        [
          'forms.how',
          how.length === 0 || schedules.some((text) => text.includes(how[0] ?? '')) ? null : how.join('\n'),
        ],
        ['forms.reason', concepts(listAt(resource, 'reasonCode'))],
        ['recordPage.status', codeWord(textAt(resource, 'status'))],
        ['forms.since', day(textAt(resource, 'effectivePeriod', 'start') ?? textAt(resource, 'effectiveDateTime'))],
        ['forms.until', day(textAt(resource, 'effectivePeriod', 'end'))],
        ['recordPage.prescribed', day(textAt(resource, 'authoredOn'))],
        ['recordPage.prescriber', textAt(resource, 'requester', 'display')],
      ]
    }
    case 'Immunization': {
      const protocol = at(resource, 'protocolApplied', 0)
      const count = (name: string) => {
        const number = numberAt(protocol, `${name}PositiveInt`)
        return number === null ? textAt(protocol, `${name}String`) : quantityNumber(number)
      }
      const [dose, all] = [count('doseNumber'), count('seriesDoses')]
      const status = textAt(resource, 'status')
      return [
        ['forms.vaccineDay', day(textAt(resource, 'occurrenceDateTime'))],
        ['forms.vaccineDose', dose === null || all === null ? dose : t('recordPage.doseOf', { dose, all })],
        ['recordPage.against', concepts(listAt(protocol, 'targetDisease'))],
        ['recordPage.status', status === 'completed' ? null : codeWord(status)],
        ['forms.lot', textAt(resource, 'lotNumber')],
        ['recordPage.manufacturer', textAt(resource, 'manufacturer', 'display')],
        [
          'forms.where',
          textAt(resource, 'performer', 0, 'actor', 'display') ?? textAt(resource, 'location', 'display'),
        ],
        ['recordPage.bodySite', conceptText(at(resource, 'site'))],
      ]
    }
    case 'Observation':
      return [
        ['recordPage.usualRange', referenceText(resource)],
        [
          'fhir.date',
          day(textAt(resource, 'effectivePeriod', 'start') ?? firstText(resource, ['effectiveDateTime', 'issued'])),
        ],
        ['recordPage.status', codeWord(textAt(resource, 'status'))],
        ['recordPage.method', conceptText(at(resource, 'method'))],
        ['recordPage.bodySite', conceptText(at(resource, 'bodySite'))],
        ['recordPage.device', textAt(resource, 'device', 'display')],
        ['forms.laboratory', textAt(resource, 'performer', 0, 'display')],
      ]
    default:
      return type satisfies never
  }
}

/** Facts of one resource, those that it has, in the order in which they matter. */
export function factsOfResource(type: ToldType, resource: Json): FhirFact[] {
  const all: Told = [...told(type, resource), ['forms.note', notes(resource)]]
  return all.flatMap(([label, value]) => (value === null || value.trim() === '' ? [] : [{ label, value }]))
}
