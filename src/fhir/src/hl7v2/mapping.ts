import type { Bundle, Provenance } from '@medplum/fhirtypes'
import { mapAdmission } from './admission.ts'
import { mapAppointment } from './appointments.ts'
import { type Building, type MappingOptions, startBundle } from './building.ts'
import type { SentIdentifier } from './data-types.ts'
import { mapDocument, type MappedDocument } from './documents.ts'
import { mapImmunizations } from './immunizations.ts'
import { type Message, only } from './message.ts'
import { mergedIdentifiers, patientOf, sentIdentifiers } from './patient.ts'
import { notAccepted, PROBLEM } from './problem.ts'
import { mapResults, type ReportOrder } from './results.ts'

/** What a message is about. */
export type MessageKind =
  | 'results'
  | 'vitals'
  | 'imaging'
  | 'admission'
  | 'merge'
  | 'document'
  | 'immunization'
  | 'appointment'

export interface MappedMessage {
  readonly kind: MessageKind
  /** The patient as sent, what is said of them, and who said it: a collection. */
  readonly bundle: Bundle
  /** PID-3: by which the receiver knows the patient, if they do. */
  readonly identifiers: readonly SentIdentifier[]
  /** PID-7, full date, or null. */
  readonly birthDate: string | null
  /** Of a merge: the numbers that are no longer used. */
  readonly merged: readonly SentIdentifier[]
  /** In the sender's words; null where they say nothing. */
  readonly title: string | null
  /** Full date of what it is about, or null. */
  readonly day: string | null
  /** Of results: what was ordered, and whether they correct what was sent before. */
  readonly orders: readonly ReportOrder[]
  /** Of a document that is one file. */
  readonly file: NonNullable<MappedDocument['file']> | null
}

type Part = Partial<Pick<MappedMessage, 'orders'>> & {
  readonly kind: MessageKind
  readonly title?: string | undefined
  readonly day?: string | undefined
  readonly file?: MappedDocument['file']
}

const ADMISSIONS = ['A01', 'A03', 'A04', 'A08']
const MERGE = 'A40'

/** By message type and event (MSH-9). */
const KINDS: Readonly<Record<string, Readonly<Record<string, (building: Building) => Part>>>> = {
  ORU: {
    R01(building) {
      const { isVitals, isImaging, ...results } = mapResults(building)
      return { ...results, kind: isVitals ? 'vitals' : isImaging ? 'imaging' : 'results' }
    },
  },
  ADT: {
    ...Object.fromEntries(
      ADMISSIONS.map((event) => [
        event,
        (building: Building): Part => ({ kind: 'admission', day: mapAdmission(building, event) }),
      ]),
    ),
    [MERGE]: () => ({ kind: 'merge' }),
  },
  MDM: { T02: (building) => ({ ...mapDocument(building), kind: 'document' }) },
  VXU: { V04: (building) => ({ ...mapImmunizations(building), kind: 'immunization' }) },
  SIU: { S12: (building) => ({ ...mapAppointment(building), kind: 'appointment' }) },
}

/**
 * What a message says, as FHIR R4. Times without an offset become days, codes of unknown systems stay words of their sender; nothing is guessed.
 *
 * @throws Hl7Problem
 */
export function mapMessage(message: Message, options: MappingOptions): MappedMessage {
  const { type, event } = message.header
  const events = KINDS[type]
  if (events === undefined)
    throw notAccepted(PROBLEM.messageType, 'MSH^1^9', 'a type of message that is not taken here')
  const map = events[event]
  if (map === undefined) throw notAccepted(PROBLEM.event, 'MSH^1^9', 'an event that is not taken here')
  // What is said of several people is never put into one record.
  const pid = only(message, 'PID')
  if (event === MERGE) only(message, 'MRG')
  const identifiers = sentIdentifiers(pid)
  const started = startBundle(message, options)
  const patient = patientOf(message, pid, started.moment)
  const building: Building = { message, patient: started.add(patient), add: started.add, moment: started.moment }
  const { kind, title = null, day = null, orders = [], file = null } = map(building)
  const sentAt = started.moment(message.head, 7)?.instant
  const recorded = sentAt ?? new Date(options.receivedMs).toISOString()
  started.add(provenanceOf(message, started.references(), recorded))
  const birthDate = patient.birthDate ?? null
  return {
    kind,
    bundle: started.bundle(recorded),
    identifiers,
    birthDate: birthDate?.length === 10 ? birthDate : null,
    merged: mergedIdentifiers(message),
    title,
    day,
    orders,
    file,
  }
}

/** Who sent it, and what they call it. */
function provenanceOf({ header }: Message, target: Provenance['target'], recorded: string): Provenance {
  const names = [header.sendingFacility, header.sendingApplication].filter((name) => name !== '')
  const by = names.length === 0 ? 'unnamed sender' : names.join(', ')
  return {
    resourceType: 'Provenance',
    target,
    recorded,
    agent: [{ who: { display: by } }],
    entity: [
      { role: 'source', what: { identifier: { value: header.controlId }, display: `${header.type}^${header.event}` } },
    ],
  }
}
