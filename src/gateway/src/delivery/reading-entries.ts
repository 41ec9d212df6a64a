import { type Category, type NewRecord, TITLE_CHARS_MAX } from '@medguard/client'
import {
  type MappedMessage,
  mapMessage,
  type MessageKind,
  readMessage,
  type ReportOrder,
  type SentIdentifier,
} from '@medguard/fhir/hl7v2'
import type { SpoolEntry } from '../spool/spool.ts'

/** What an entry says, as a record of its patient. */
export interface Readable {
  readonly record: NewRecord
  readonly identifiers: readonly SentIdentifier[]
  /** Full date, or null. */
  readonly birthDate: string | null
  /** Numbers of a patient become one: for people to say. */
  readonly isMerge: boolean
  /** Who counts the orders' numbers. */
  readonly sender: string
  readonly orders: readonly ReportOrder[]
}
/** @throws what says that the entry is not what it was when it was taken. */
export type Reader = (entry: SpoolEntry) => Readable

const CATEGORIES: Readonly<Record<MessageKind, Category>> = {
  results: 'labs',
  vitals: 'vitals',
  imaging: 'imaging',
  admission: 'documents',
  merge: 'other',
  document: 'documents',
  immunization: 'medicines',
  appointment: 'other',
}
/** Where messages go: kinds of record, or else the inbox. */
export const MESSAGE_PLACES: readonly string[] = [...new Set<string>(Object.values(CATEGORIES)), 'inbox']
/** Where a message says nothing that could stand over it. */
const TITLES: Readonly<Record<MessageKind, string>> = {
  results: 'Results',
  vitals: 'Vital signs',
  imaging: 'Imaging report',
  admission: 'Hospital stay',
  merge: 'Change of the hospital number',
  document: 'Document',
  immunization: 'Immunization',
  appointment: 'Appointment',
}

/**
 * A message of HL7 v2 as a FHIR bundle, or as the file that it carries.
 *
 * @param offset of senders' clocks, for times that name none.
 * @throws Hl7Problem for what was read before, and is not now.
 */
export const hl7v2Reader =
  (offset?: string) =>
  ({ payload, receivedMs }: Pick<SpoolEntry, 'payload' | 'receivedMs'>): Readable => {
    const message = readMessage(payload)
    const mapped = mapMessage(message, { receivedMs, offset })
    const { sendingApplication, sendingFacility } = message.header
    return {
      record: recordOf(mapped),
      identifiers: mapped.identifiers.map((each) =>
        each.authority === '' ? { ...each, authority: sendingFacility } : each,
      ),
      birthDate: mapped.birthDate,
      isMerge: mapped.kind === 'merge',
      sender: JSON.stringify([sendingFacility, sendingApplication]),
      orders: mapped.orders,
    }
  }

function recordOf({ kind, bundle, file, title, day }: MappedMessage): NewRecord {
  const shown = {
    title: printable(title ?? '', TITLE_CHARS_MAX) ?? TITLES[kind],
    category: CATEGORIES[kind],
    clinicalDate: day,
  }
  if (file === null)
    return {
      ...shown,
      bytes: new TextEncoder().encode(JSON.stringify(bundle)),
      mediaType: 'application/fhir+json',
      fileName: null,
    }
  const { base64, mediaType, name } = file
  return { ...shown, bytes: new Uint8Array(Buffer.from(base64, 'base64')), mediaType, fileName: fileNameOf(name ?? '') }
}

/** Control characters, line breaks too, and those that make text read in another order than it is written. */
// oxlint-disable-next-line no-control-regex
const MISLEADING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g
function printable(text: string, charsMax: number): string | null {
  const plain = text.replaceAll(MISLEADING, ' ').trim()
  return plain === '' ? null : Array.from(plain).slice(0, charsMax).join('').trim()
}
const FILE_NAME_CHARS_MAX = 200
function fileNameOf(name: string): string | null {
  const plain = printable(name.replaceAll(/[/\\]+/g, ' '), FILE_NAME_CHARS_MAX)
  return plain === null || /^\.+$/.test(plain) ? null : plain
}
