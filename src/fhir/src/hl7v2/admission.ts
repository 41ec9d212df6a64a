import type { AllergyIntolerance, Condition, Encounter, EncounterParticipant, Period } from '@medplum/fhirtypes'
import type { Building, SentReference } from './building.ts'
import { TERMINOLOGY, v2Table } from './code-systems.ts'
import { conceptOf, identifierOf, listOf, personOf, placeOf, present } from './data-types.ts'
import { only, type Segment } from './message.ts'

/** HL7 table 0004. */
const CLASSES: Readonly<Record<string, readonly [code: string, display: string]>> = {
  I: ['IMP', 'inpatient encounter'],
  O: ['AMB', 'ambulatory'],
  E: ['EMER', 'emergency'],
  P: ['PRENC', 'pre-admission'],
  R: ['AMB', 'ambulatory'],
}
/** PV1 has a field for each of those who take part. */
const PARTICIPANTS = [
  [7, 'ATND', 'attender'],
  [8, 'REF', 'referrer'],
  [9, 'CON', 'consultant'],
  [17, 'ADM', 'admitter'],
] as const
const ALLERGY_KINDS: Readonly<Record<string, NonNullable<AllergyIntolerance['category']>[number]>> = {
  DA: 'medication',
  FA: 'food',
  EA: 'environment',
  PA: 'environment',
  AA: 'environment',
  LA: 'environment',
}
const SEVERITIES: Readonly<Record<string, 'severe' | 'moderate' | 'mild'>> = {
  SV: 'severe',
  MO: 'moderate',
  MI: 'mild',
}
/** HL7 table 0052. */
const DIAGNOSIS_USES: Readonly<Record<string, string>> = { A: 'AD', F: 'DD' }

/** ADT: the stay, and what is known of allergies and diagnoses at that moment. @returns when it began, or ended. @throws Hl7Problem */
export function mapAdmission(building: Building, event: string): string | undefined {
  const { message, moment } = building
  const pv1 = only(message, 'PV1')
  const named = (name: string) => message.segments.filter((segment) => segment.name === name)
  const diagnoses = named('DG1').flatMap((dg1) => mapDiagnosis(building, dg1))
  for (const al1 of named('AL1')) mapAllergy(building, al1)
  building.add(encounterOf(building, { pv1, diagnoses, event }))
  const [start, end] = [moment(pv1, 44), moment(pv1, 45)]
  return (event === 'A03' ? (end ?? start) : start)?.day ?? undefined
}

function encounterOf(
  { moment, patient }: Building,
  {
    pv1,
    diagnoses,
    event,
  }: { pv1: Segment; diagnoses: readonly { condition: SentReference; use: string | undefined }[]; event: string },
): Encounter {
  const word = pv1.text(2) ?? ''
  const [code, display] = CLASSES[word] ?? []
  const [start, end] = [moment(pv1, 44)?.dateTime, moment(pv1, 45)?.dateTime]
  const place = placeOf(pv1.first(3))
  const visit = identifierOf(pv1.first(19))
  const disposition = conceptOf(pv1.first(36), v2Table('0112'))
  return present<Encounter>({
    resourceType: 'Encounter',
    identifier: listOf([visit]),
    status: event === 'A03' || end !== undefined ? 'finished' : 'in-progress',
    class:
      code === undefined || display === undefined
        ? present({ system: v2Table('0004'), code: word === '' ? 'U' : word })
        : { system: `${TERMINOLOGY}/v3-ActCode`, code, display },
    serviceType: conceptOf(pv1.first(10), v2Table('0069')),
    subject: patient,
    participant: listOf(
      PARTICIPANTS.flatMap(([field, role, name]) =>
        pv1.all(field).map((xcn): EncounterParticipant | undefined => {
          const individual = personOf(xcn)
          const type = [{ coding: [{ system: `${TERMINOLOGY}/v3-ParticipationType`, code: role, display: name }] }]
          return individual === undefined ? undefined : { type, individual }
        }),
      ),
    ),
    period: present<Period>({ start, end }),
    diagnosis: listOf(
      diagnoses.map(({ condition, use }) => ({
        condition,
        ...(use === undefined ? {} : { use: { coding: [{ system: `${TERMINOLOGY}/diagnosis-role`, code: use }] } }),
      })),
    ),
    hospitalization: disposition === undefined ? undefined : { dischargeDisposition: disposition },
    location: place === undefined ? undefined : [{ location: { display: place } }],
  })
}

function mapDiagnosis(building: Building, dg1: Segment) {
  const [code, described] = [conceptOf(dg1.first(3)), dg1.text(4)]
  const concept = code ?? (described === undefined ? undefined : { text: described })
  if (concept === undefined) return []
  const type = dg1.text(6) ?? ''
  const certainty = { W: 'provisional', F: 'confirmed' }[type]
  const condition = building.add(
    present<Condition>({
      resourceType: 'Condition',
      verificationStatus:
        certainty === undefined
          ? undefined
          : { coding: [{ system: `${TERMINOLOGY}/condition-ver-status`, code: certainty }] },
      category: [{ coding: [{ system: `${TERMINOLOGY}/condition-category`, code: 'encounter-diagnosis' }] }],
      code: concept,
      subject: building.patient,
      recordedDate: building.moment(dg1, 5)?.dateTime,
    }),
  )
  return [{ condition, use: DIAGNOSIS_USES[type] }]
}

function mapAllergy(building: Building, al1: Segment): void {
  const code = conceptOf(al1.first(3))
  if (code === undefined) return
  const kind = ALLERGY_KINDS[al1.text(2)?.toUpperCase() ?? '']
  const severity = SEVERITIES[al1.text(4)?.toUpperCase() ?? '']
  const reactions = al1.all(5).flatMap(({ whole }) => (whole === undefined ? [] : [{ text: whole }]))
  building.add(
    present<AllergyIntolerance>({
      resourceType: 'AllergyIntolerance',
      clinicalStatus: { coding: [{ system: `${TERMINOLOGY}/allergyintolerance-clinical`, code: 'active' }] },
      category: listOf([kind]),
      criticality: severity === 'severe' ? 'high' : severity === 'mild' ? 'low' : undefined,
      code,
      patient: building.patient,
      onsetDateTime: building.moment(al1, 6)?.dateTime,
      reaction: reactions.length === 0 ? undefined : [present({ manifestation: reactions, severity })],
    }),
  )
}
