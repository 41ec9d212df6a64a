import type { DiagnosticReport, Observation, Specimen } from '@medplum/fhirtypes'
import type { Building, SentReference } from './building.ts'
import { TERMINOLOGY, v2Table, VITAL_SIGNS } from './code-systems.ts'
import { conceptOf, entityIdentifier, listOf, notesOf, personOf, present } from './data-types.ts'
import { attachmentOf, isAttachment } from './documents.ts'
import type { Segment } from './message.ts'
import { groupsOf, type Group, type Result } from './groups.ts'
import { valueOf } from './values.ts'
import { PROBLEM, wrongContent } from './problem.ts'

/** HL7 table 0085. */
const RESULT_STATUS: Readonly<Record<string, Observation['status']>> = {
  C: 'corrected',
  D: 'entered-in-error',
  F: 'final',
  I: 'registered',
  N: 'registered',
  O: 'registered',
  P: 'preliminary',
  R: 'preliminary',
  S: 'preliminary',
  U: 'final',
  W: 'entered-in-error',
  X: 'cancelled',
}
/** HL7 table 0123. */
const REPORT_STATUS: Readonly<Record<string, DiagnosticReport['status']>> = {
  A: 'partial',
  C: 'corrected',
  F: 'final',
  I: 'registered',
  M: 'partial',
  O: 'registered',
  P: 'preliminary',
  R: 'partial',
  S: 'registered',
  X: 'cancelled',
}
/** HL7 table 0078, as far as FHIR has the same words. */
const FLAGS: Readonly<Record<string, string>> = {
  L: 'Low',
  H: 'High',
  LL: 'Critical low',
  HH: 'Critical high',
  N: 'Normal',
  A: 'Abnormal',
  AA: 'Critical abnormal',
  '<': 'Off scale low',
  '>': 'Off scale high',
  S: 'Susceptible',
  R: 'Resistant',
  I: 'Intermediate',
  POS: 'Positive',
  NEG: 'Negative',
  IND: 'Indeterminate',
  DET: 'Detected',
  ND: 'Not detected',
  U: 'Significant change up',
  D: 'Significant change down',
  B: 'Better',
  W: 'Worse',
}

/** What a report is about, by which a correction finds what it corrects. */
export interface ReportOrder {
  /** Number of whoever did it, or else of whoever ordered it. */
  readonly number: string
  /** What was ordered. */
  readonly code: string
  readonly isCorrection: boolean
}

export interface MappedResults {
  readonly orders: readonly ReportOrder[]
  readonly title: string | undefined
  readonly day: string | undefined
  readonly isVitals: boolean
  readonly isImaging: boolean
}

/** ORU^R01: a report for each OBR, an observation for each OBX. @throws Hl7Problem */
export function mapResults(building: Building): MappedResults {
  const groups = groupsOf(building.message, 'OBR')
  if (groups.every(({ order }) => order === null)) throw wrongContent(PROBLEM.sequence, 'OBR^1', 'it has no OBR')
  const titles = groups.map((group) => mapGroup(building, group))
  const codes = groups.flatMap(({ results }) => results.map(({ obx }) => obx.text(3) ?? ''))
  const sections = groups.map(({ order }) => order?.text(24) ?? '')
  const days = groups.map(({ order }) => (order === null ? undefined : building.moment(order, 7)?.day))
  return {
    orders: groups.flatMap(orderOf),
    title: titles.find((title) => title !== undefined),
    day: days.find((day) => day !== undefined && day !== null) ?? undefined,
    isVitals: codes.length > 0 && codes.every((code) => VITAL_SIGNS.has(code)),
    isImaging: sections.some((section) => IMAGING.has(section)),
  }
}

/** HL7 table 0074. */
const IMAGING: ReadonlySet<string> = new Set([
  'RAD',
  'RUS',
  'RX',
  'CT',
  'CUS',
  'NMR',
  'NMS',
  'VUS',
  'OUS',
  'XRC',
  'CTH',
])

function orderOf({ order, common, results }: Group): ReportOrder[] {
  const number = order?.text(3) ?? common?.text(3) ?? order?.text(2) ?? common?.text(2)
  if (order === null || number === undefined) return []
  const isCorrection = order.text(25) === 'C' || results.some(({ obx }) => obx.text(11) === 'C')
  return [{ number, code: order.text(4) ?? '', isCorrection }]
}

function mapGroup(building: Building, { order, common, notes, results, specimens }: Group): string | undefined {
  const taken = specimens.map((spm) => mapSpecimen(building, spm))
  const observations = results
    .filter(({ obx }) => !isAttachment(obx))
    .map((result) => building.add(observationOf(building, result, order, taken[0])))
  const attached = results.filter(({ obx }) => isAttachment(obx)).map(({ obx }) => attachmentOf(obx))
  if (order === null) return undefined
  const code = conceptOf(order.first(4)) ?? { text: 'Report' }
  const section = order.text(24)
  const conclusion = notesOf(notes)
    ?.map(({ text }) => text)
    .join('\n')
  building.add(
    present<DiagnosticReport>({
      resourceType: 'DiagnosticReport',
      identifier: listOf([
        entityIdentifier(order.first(2) ?? common?.first(2), 'PLAC'),
        entityIdentifier(order.first(3) ?? common?.first(3), 'FILL'),
      ]),
      status: REPORT_STATUS[order.text(25) ?? ''] ?? 'unknown',
      category: section === undefined ? undefined : [{ coding: [{ system: v2Table('0074'), code: section }] }],
      code,
      subject: building.patient,
      effectiveDateTime: building.moment(order, 7)?.dateTime,
      issued: building.moment(order, 22)?.instant ?? undefined,
      resultsInterpreter: listOf([personOf(order.first(32))]),
      specimen: taken,
      result: observations,
      conclusion,
      presentedForm: attached,
    }),
  )
  return code.text ?? code.coding?.[0]?.display
}

export function observationOf(
  { moment, patient }: Building,
  { obx, notes }: Result,
  order: Segment | null,
  specimen?: SentReference,
): Observation {
  const code = conceptOf(obx.first(3))
  if (code === undefined) throw wrongContent(PROBLEM.missing, obx.at(3), 'an observation does not say of what')
  const isVital = VITAL_SIGNS.has(obx.text(3) ?? '')
  const isLaboratory = order?.text(24) === 'LAB'
  const category = isVital ? 'vital-signs' : isLaboratory ? 'laboratory' : undefined
  const flags = obx.all(8).flatMap((flag) => flag.part(1, 1) ?? [])
  const effective = moment(obx, 14) ?? (order === null ? undefined : moment(order, 7))
  const by = [...obx.all(16).map(personOf), obx.text(23) === undefined ? undefined : { display: obx.text(23) ?? '' }]
  return present<Observation>({
    resourceType: 'Observation',
    status: RESULT_STATUS[obx.text(11) ?? ''] ?? 'unknown',
    category:
      category === undefined
        ? undefined
        : [{ coding: [{ system: `${TERMINOLOGY}/observation-category`, code: category }] }],
    code,
    subject: patient,
    effectiveDateTime: effective?.dateTime,
    performer: listOf(by),
    ...valueOf(obx, moment),
    interpretation: listOf(flags.map(flagOf)),
    note: notesOf(notes),
    method: conceptOf(obx.first(17)),
    specimen,
  })
}

const flagOf = (flag: string) => {
  const display = FLAGS[flag]
  return display === undefined
    ? { text: flag }
    : { coding: [{ system: `${TERMINOLOGY}/v3-ObservationInterpretation`, code: flag, display }] }
}

function mapSpecimen(building: Building, spm: Segment): SentReference {
  const from = building.moment(spm, 17, 1)?.dateTime
  const accession = entityIdentifier(spm.first(2))
  return building.add(
    present<Specimen>({
      resourceType: 'Specimen',
      identifier: listOf([accession]),
      type: conceptOf(spm.first(4), v2Table('0487')),
      subject: building.patient,
      receivedTime: building.moment(spm, 18)?.dateTime,
      collection: present({ collectedDateTime: from }),
    }),
  )
}
