import type { Patient } from '@medplum/fhirtypes'
import type { Resource } from '../json-paths.ts'
import { auditEventOf, logUrlOf, patientUrlOf } from './audit-event.ts'
import { type EntryText, provenanceOf, provenanceUrlOf, resourceEntry } from './record-entries.ts'
import { identified, type LogLine, SYSTEM, type VaultPatient, type VaultRecord } from './vault-record.ts'

export interface VaultContents {
  readonly patient: VaultPatient
  /** One after the other, so that no more than one is in memory. */
  readonly records: AsyncIterable<VaultRecord> | Iterable<VaultRecord>
  /** Shares as the client makes them; `identifier[0].value` is the share's id. */
  readonly consents: readonly (Resource & { readonly identifier: readonly { readonly value: string }[] })[]
  readonly log: readonly LogLine[]
  /** RFC 3339. */
  readonly madeAt: string
}

/**
 * A whole vault as one R4 Bundle of type `collection`, piece by piece: who it is of, every record with a Provenance, every share as Consent, every line of the
 * log as AuditEvent. docs/interoperability.md lists what is not in it.
 */
export async function* vaultBundle(contents: VaultContents): AsyncGenerator<string> {
  const { patient, records, consents, log, madeAt } = contents
  const meta = { tag: [{ system: SYSTEM.bundle, code: 'vault' }] }
  const identifier = { system: SYSTEM.patient, value: patient.patientId }
  const head = JSON.stringify({ resourceType: 'Bundle', meta, identifier, type: 'collection', timestamp: madeAt })
  yield `${head.slice(0, -1)},"entry":[\n`
  yield entryText({ fullUrl: patientUrlOf(patient), text: JSON.stringify(patientOf(patient)) })
  const taken = new Set([patientUrlOf(patient)])
  const urls = new Map<string, string>()
  for await (const record of records) {
    const entry = resourceEntry(record, taken)
    urls.set(record.recordId, entry.fullUrl)
    yield `,\n${entryText(entry)}`
    const provenance = JSON.stringify(provenanceOf(record, entry.fullUrl))
    yield `,\n${entryText({ fullUrl: provenanceUrlOf(record), text: provenance })}`
  }
  for (const consent of consents) {
    const grantId = consent.identifier[0]?.value ?? ''
    yield `,\n${entryText({ fullUrl: `${SYSTEM.grant}:${grantId}`, text: JSON.stringify(consent) })}`
  }
  const urlOf = (recordId: string) => urls.get(recordId) ?? null
  for (const line of log)
    yield `,\n${entryText({ fullUrl: logUrlOf(line), text: JSON.stringify(auditEventOf(line, patient, urlOf)) })}`
  yield '\n]}\n'
}

const entryText = ({ fullUrl, text }: EntryText): string => `{"fullUrl":${JSON.stringify(fullUrl)},"resource":${text}}`

function patientOf({ patientId, principal, name, birthDate, gender }: VaultPatient): Patient {
  return {
    resourceType: 'Patient',
    identifier: [identified(SYSTEM.patient, patientId).identifier, identified(SYSTEM.principal, principal).identifier],
    ...(name === null ? {} : { name: [{ text: name }] }),
    ...(gender === null ? {} : { gender }),
    ...(birthDate === null ? {} : { birthDate }),
  }
}
