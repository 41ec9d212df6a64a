import type { Resource } from './fhir.ts'
import { ATC, concept, CVX, hl7Coding, hl7Concept, ICD_10, LOINC, type Reference } from './fhir.ts'
import type { Health } from './health.ts'
import { ALLERGIES, VACCINES, type Illness } from './illnesses.ts'
import { PANELS, type MeasureName, type PanelName } from './measures.ts'
import { bloodPressure, observation } from './observations.ts'
import { CLINICIANS, LABORATORY, PRACTICES, type Person } from './person.ts'
import type { Random } from './random.ts'
import type { Visit } from './visits.ts'

/** Values of one blood sample, in the order of the report. */
export interface LabResult {
  readonly date: string
  readonly panels: readonly {
    readonly name: PanelName
    readonly values: readonly { readonly measure: MeasureName; readonly value: number }[]
  }[]
}

export interface Entry {
  readonly uuid: string
  readonly resource: Resource
}

export interface History {
  readonly entries: readonly Entry[]
  readonly labs: readonly LabResult[]
}

const isoTime = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')
const isoDate = (ms: number) => isoTime(ms).slice(0, 10)

/** Everything that a practice would know about one person, in the order in which references need it. */
export function writeHistory(random: Random, person: Person, health: Health, visits: readonly Visit[]): History {
  const entries: Entry[] = []
  const labs: LabResult[] = []
  function add(resource: Resource): Reference {
    const uuid = random.uuid()
    entries.push({ uuid, resource })
    return { reference: `urn:uuid:${uuid}` }
  }

  const subject = { ...add(patient(person)), display: `${person.given} ${person.family}` }
  const practice = add({ resourceType: 'Organization', active: true, name: random.pick(PRACTICES) })
  const laboratory = add({ resourceType: 'Organization', active: true, name: LABORATORY })
  const { given, family, specialty } = random.pick(CLINICIANS)
  const clinician = {
    ...add({
      resourceType: 'Practitioner',
      active: true,
      name: [{ use: 'official', family, given: [given], prefix: ['Dr.'], text: `Dr. ${given} ${family}` }],
      qualification: [{ code: { text: specialty } }],
    }),
    display: `Dr. ${given} ${family}`,
  }
  for (const allergy of allergies(random, subject)) add(allergy)
  for (const { illness, foundMs } of health.diagnoses) {
    add(condition(illness, subject, isoDate(foundMs), 'active'))
    add(prescription(illness, subject, clinician, isoDate(foundMs)))
  }
  for (const shot of immunizations(random, person, subject, visits)) add(shot)

  for (const visit of visits) {
    const at = isoTime(visit.atMs)
    const encounter = add(encounterOf(visit, subject, clinician, practice))
    const setting = { subject, encounter, at }
    const fever = visit.kind === 'acute' && visit.reason.fever
    const measure = (name: MeasureName) => health.measure(name, visit.atMs, { fever })
    for (const name of visit.kind === 'check-up' ? (['height', 'weight', 'bmi'] as const) : (['weight'] as const)) {
      add(observation('vital-signs', name, measure(name), setting))
    }
    add(bloodPressure(measure('systolic'), measure('diastolic'), setting))
    for (const name of ['heartRate', 'temperature', 'saturation'] as const) {
      add(observation('vital-signs', name, measure(name), setting))
    }
    if (visit.kind === 'acute') add(condition(visit.reason, subject, isoDate(visit.atMs), 'resolved'))

    const panels = visit.panels.map((name) => {
      const values = PANELS[name].measures.map((member) => ({ measure: member, value: measure(member) }))
      const result = values.map((one) => add(observation('laboratory', one.measure, one.value, setting)))
      const { loinc, name: display } = PANELS[name]
      add({
        resourceType: 'DiagnosticReport',
        status: 'final',
        category: [hl7Concept('v2-0074', 'LAB', 'Laboratory')],
        code: concept(LOINC, loinc, display),
        subject,
        encounter,
        effectiveDateTime: at,
        issued: isoTime(visit.atMs + 26 * 3600 * 1000),
        performer: [laboratory],
        result,
      })
      return { name, values }
    })
    if (panels.length > 0) labs.push({ date: isoDate(visit.atMs), panels })
  }
  return { entries, labs }
}

function patient({ given, family, gender, birthDate, street, city }: Person): Resource {
  return {
    resourceType: 'Patient',
    active: true,
    name: [{ use: 'official', family, given: [given], text: `${given} ${family}` }],
    gender,
    birthDate,
    address: [{ use: 'home', line: [street], city }],
  }
}

function encounterOf(visit: Visit, subject: Reference, clinician: Reference, practice: Reference): Resource {
  const reason =
    visit.kind === 'check-up'
      ? [{ text: 'Yearly check-up' }]
      : visit.kind === 'acute'
        ? [concept(ICD_10, visit.reason.icd10, visit.reason.name)]
        : visit.illnesses.map(({ icd10, name }) => concept(ICD_10, icd10, name))
  return {
    resourceType: 'Encounter',
    status: 'finished',
    class: hl7Coding('v3-ActCode', 'AMB', 'ambulatory'),
    subject,
    participant: [{ individual: clinician }],
    period: { start: isoTime(visit.atMs), end: isoTime(visit.atMs + 20 * 60_000) },
    reasonCode: reason,
    serviceProvider: practice,
  }
}

function condition(
  { icd10, name }: { icd10: string; name: string },
  subject: Reference,
  date: string,
  status: 'active' | 'resolved',
): Resource {
  return {
    resourceType: 'Condition',
    clinicalStatus: hl7Concept('condition-clinical', status, status === 'active' ? 'Active' : 'Resolved'),
    verificationStatus: hl7Concept('condition-ver-status', 'confirmed', 'Confirmed'),
    category: [hl7Concept('condition-category', 'encounter-diagnosis', 'Encounter Diagnosis')],
    code: concept(ICD_10, icd10, name),
    subject,
    onsetDateTime: date,
    recordedDate: date,
  }
}

function prescription({ medicine }: Illness, subject: Reference, requester: Reference, date: string): Resource {
  return {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: {
      ...concept(ATC, medicine.atc, medicine.name),
      text: `${medicine.name} ${medicine.dose}`,
    },
    subject,
    authoredOn: date,
    requester,
    dosageInstruction: [{ text: medicine.timing }],
  }
}

function allergies(random: Random, subject: Reference): Resource[] {
  return ALLERGIES.filter(() => random.chance(0.2)).map((allergy) => ({
    resourceType: 'AllergyIntolerance',
    clinicalStatus: hl7Concept('allergyintolerance-clinical', 'active', 'Active'),
    verificationStatus: hl7Concept('allergyintolerance-verification', 'confirmed', 'Confirmed'),
    type: 'allergy',
    category: [allergy.category],
    criticality: allergy.criticality,
    code: 'atc' in allergy ? concept(ATC, allergy.atc, allergy.name) : { text: allergy.name },
    patient: subject,
    reaction: [{ manifestation: [{ text: allergy.reaction }] }],
  }))
}

function immunizations(random: Random, person: Person, subject: Reference, visits: readonly Visit[]): Resource[] {
  const bornMs = Date.parse(person.birthDate)
  const yearsBetween = (fromMs: number, toMs: number) => (toMs - fromMs) / (365.25 * 24 * 3600 * 1000)
  return VACCINES.flatMap(({ cvx, name, everyYears, fromAge }) => {
    let lastMs: number | null = null
    return visits.flatMap(({ kind, atMs }) => {
      const isDue = lastMs === null || (everyYears > 0 && yearsBetween(lastMs, atMs) > everyYears - 0.5)
      const isOldEnough = yearsBetween(bornMs, atMs) >= fromAge
      if (kind !== 'check-up' || !isDue || !isOldEnough || random.chance(0.3)) return []
      lastMs = atMs
      return {
        resourceType: 'Immunization' as const,
        status: 'completed',
        vaccineCode: concept(CVX, cvx, name),
        patient: subject,
        occurrenceDateTime: isoDate(atMs),
        lotNumber: `L${random.int(10_000, 99_999)}`,
      }
    })
  })
}
