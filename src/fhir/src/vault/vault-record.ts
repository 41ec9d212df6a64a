// What a vault holds, as whoever opened it hands it over. This workspace knows no client: ids and principals are texts here, times are RFC 3339.

export const CATEGORIES = [
  'summary',
  'labs',
  'imaging',
  'medicines',
  'documents',
  'vitals',
  'sensitive',
  'other',
] as const
export type Category = (typeof CATEGORIES)[number]

export interface VaultRecord {
  /** 32 hexadecimal digits. */
  readonly recordId: string
  readonly version: number
  readonly category: string
  readonly title: string
  readonly fileName: string | null
  readonly mediaType: string
  /** RFC 3339, day or time. */
  readonly clinicalDate: string | null
  readonly sizeBytes: number
  /** Of the content, hexadecimal. */
  readonly sha256: string | null
  /** Who stored it. */
  readonly storedBy: { readonly principal: string; readonly name: string | null }
  readonly storedAt: string
  readonly signature: SignatureState
  /** Records that it is a note to. */
  readonly notesTo: readonly { readonly recordId: string; readonly relation: string }[]
  /** Null where it is too large to go along. */
  readonly bytes: Uint8Array | null
  /** The same as FHIR, for what is stored in a form of its own: goes along beside it. */
  readonly asFhir?: Uint8Array | null
}
/** What a check of the author's signature said. */
export type SignatureState = 'signed' | 'key-ended' | 'unsigned' | 'unchecked'

export interface VaultPatient {
  readonly patientId: string
  readonly principal: string
  readonly name: string | null
  readonly birthDate: string | null
  readonly gender: 'female' | 'male' | 'other' | 'unknown' | null
}

/** A line of the patient's log, whose proof held. */
export interface LogLine {
  readonly leafIndex: string
  readonly at: string
  readonly event: string
  readonly actor: string
  /** Record, share or account that it is about. */
  readonly objectId: string
  readonly grantId: string | null
  readonly organisationId: string | null
  /** Principal that it is about and who did not do it. */
  readonly subject: string | null
  /** Code of v3-ActReason. */
  readonly purpose: string | null
  readonly failed: boolean
  readonly reason: string | null
}

/** Names of what has none elsewhere. Consents, which the client makes, use the same. */
export const SYSTEM = {
  principal: 'urn:medguard:principal',
  patient: 'urn:medguard:patient',
  record: 'urn:medguard:record',
  grant: 'urn:medguard:grant',
  organisation: 'urn:medguard:organisation',
  sha256: 'urn:medguard:sha-256',
  event: 'urn:medguard:event',
  category: 'urn:medguard:consent/category',
  /** Tag of a bundle that holds a whole vault. */
  bundle: 'urn:medguard:bundle',
} as const
export const EXTENSION = {
  signature: 'urn:medguard:signature-state',
  fileName: 'urn:medguard:file-name',
  mediaType: 'urn:medguard:media-type',
  relation: 'urn:medguard:relation',
} as const

export const identified = (system: string, value: string) => ({ identifier: { system, value } })
/** `2b90dd2b2dab4c75b89c6ce30f5b8d20` as a UUID. */
export const uuidOf = (id: string): string => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
