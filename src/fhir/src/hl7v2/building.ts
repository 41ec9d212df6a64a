import type {
  AllergyIntolerance,
  Appointment,
  Bundle,
  BundleEntry,
  Condition,
  DiagnosticReport,
  DocumentReference,
  Encounter,
  Immunization,
  Observation,
  Patient,
  Provenance,
  Specimen,
} from '@medplum/fhirtypes'
import { sha256 } from '@noble/hashes/sha2'
import { type Moment, momentOf } from './dates.ts'
import type { Message, Segment } from './message.ts'

/** What a message of HL7 v2 becomes. */
export type MappedResource =
  | AllergyIntolerance
  | Appointment
  | Condition
  | DiagnosticReport
  | DocumentReference
  | Encounter
  | Immunization
  | Observation
  | Patient
  | Provenance
  | Specimen

export interface SentReference {
  readonly reference: string
}

/** What every part of a mapping needs. */
export interface Building {
  readonly message: Message
  /** The patient as sent. */
  readonly patient: SentReference
  /** Adds a resource. @returns what refers to it. */
  readonly add: (resource: MappedResource) => SentReference
  /** A date or time. @throws Hl7Problem */
  readonly moment: (segment: Segment, field: number, component?: number) => Moment | undefined
}

export interface MappingOptions {
  /** When the message came, in milliseconds since 1970. */
  readonly receivedMs: number
  /** Of the sender's clock, `+01:00`, for times that name none; without one, such times are told as days. */
  readonly offset?: string | undefined
}

/** A bundle in the making. Ids follow from the message: mapped again, it is the same bundle. */
export function startBundle(message: Message, { offset }: MappingOptions) {
  const entries: BundleEntry[] = []
  const { sendingApplication, sendingFacility, controlId } = message.header
  const seed = [sendingApplication, sendingFacility, controlId].join('\n')
  const add = (resource: MappedResource): SentReference => {
    const id = uuidOf(`${seed}\n${entries.length}`)
    entries.push({ fullUrl: `urn:uuid:${id}`, resource: { ...resource, id } })
    return { reference: `urn:uuid:${id}` }
  }
  const moment: Building['moment'] = (segment, field, component = 1) =>
    momentOf(segment.first(field)?.part(component, 1), segment.at(field), offset ?? null)
  return {
    add,
    moment,
    bundle: (timestamp: string): Bundle => ({ resourceType: 'Bundle', type: 'collection', timestamp, entry: entries }),
    references: (): SentReference[] => entries.map(({ fullUrl = '' }) => ({ reference: fullUrl })),
  }
}

/** RFC 9562, version 8: of our own making. */
function uuidOf(seed: string): string {
  const bytes = sha256(new TextEncoder().encode(seed)).slice(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
