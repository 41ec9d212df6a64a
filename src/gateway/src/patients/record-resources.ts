import type { Profile, RecordSummary } from '@medguard/client'
import { isObject, type Json, type JsonObject, textAt } from '../json.ts'

// What a record is in FHIR: itself where it is a resource, else a document that names its content; and who it is from.

const PRINCIPAL_SYSTEM = 'urn:medguard:principal'
/** Only what the gateway says itself is marked so: whatever is stored loses it. */
const OUR_SYSTEMS = 'urn:medguard:'
const NETWORK_WORD = { system: 'urn:medguard:word', code: 'network' }
const ORGANISATION_SYSTEM = 'urn:medguard:organisation'
const VAULT_SYSTEM = 'urn:medguard:vault'

/** One record as far as it is known: what its list says, and its content where that is FHIR. */
export interface KnownRecord {
  readonly summary: RecordSummary
  /** Null for what is no FHIR, and is opened when somebody asks for it. */
  readonly content: JsonObject | null
  /** Acknowledged by this gateway, and not yet by the network. */
  readonly isOnItsWay?: true
}

export const isFhir = ({ mediaType }: Pick<RecordSummary, 'mediaType'>): boolean =>
  /^application\/(fhir\+json|json\+fhir)\s*(;|$)/i.test(mediaType)

export const metaOf = ({ version, addedNs, postedNs }: RecordSummary): JsonObject => ({
  versionId: String(version),
  lastUpdated: instant(postedNs ?? addedNs ?? 0n),
})
const instant = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString()

/** @param content as it came; ids and versions are the vault's. */
export function ownResource({ summary }: KnownRecord, content: JsonObject): JsonObject {
  return { ...content, id: summary.recordId, meta: { ...keptMeta(content), ...metaOf(summary) } }
}
/** What a resource says about itself, but for marks that are ours to give. */
export function keptMeta({ meta }: JsonObject): JsonObject {
  if (!isObject(meta)) return {}
  return Array.isArray(meta['tag']) ? { ...meta, tag: notOurs(meta['tag'] as readonly Json[]) } : meta
}
const notOurs = (marked: readonly Json[]): readonly Json[] =>
  marked.filter((each) => textAt(each, 'system')?.startsWith(OUR_SYSTEMS) !== true)

/** Of a record that is no FHIR: what can be said without opening it. */
export function documentOf({ summary }: KnownRecord, patientId: string): JsonObject {
  const { recordId, title, fileName, mediaType, category, clinicalDate, sizeBytes, addedNs, depositedBy } = summary
  return {
    resourceType: 'DocumentReference',
    id: recordId,
    meta: metaOf(summary),
    status: 'current',
    type: { text: title },
    category: [{ coding: [{ system: 'urn:medguard:category', code: category }] }],
    subject: { reference: `Patient/${patientId}` },
    date: instant(addedNs ?? 0n),
    ...(depositedBy === undefined ? {} : { author: [who(depositedBy)] }),
    description: title,
    content: [
      {
        attachment: {
          contentType: mediaType,
          url: `Binary/${recordId}`,
          ...(sizeBytes < 2 ** 31 ? { size: sizeBytes } : {}),
          title: fileName ?? title,
        },
      },
    ],
    ...(clinicalDate === null ? {} : { context: { period: { start: clinicalDate } } }),
  }
}

/** Who stored it, as the network has it, where that was not the patient: stays with it wherever it goes. Null for the patient's own. */
export function provenanceOf({ summary }: KnownRecord, targets: readonly string[]): JsonObject | null {
  const { recordId, depositedBy, deviceId, origin, signature } = summary
  const by = depositedBy ?? origin?.storedBy
  if (by === undefined || origin?.isOwn === true) return null
  const signed = signature?.kind === 'signed' || signature?.kind === 'keyEnded' ? signature : null
  const orgId = signed?.orgId ?? null
  const from = origin?.storedBy === undefined ? null : origin
  return {
    resourceType: 'Provenance',
    id: `${recordId}-provenance`,
    meta: { ...metaOf(summary), tag: [NETWORK_WORD] },
    target: targets.map((reference) => ({ reference })),
    recorded: from?.storedAt ?? textAt(metaOf(summary), 'lastUpdated') ?? '',
    agent: [
      {
        type: participant(deviceId === undefined ? 'author' : 'assembler'),
        who: who(by),
        ...(orgId === null ? {} : { onBehalfOf: { identifier: { system: ORGANISATION_SYSTEM, value: orgId } } }),
      },
    ],
    // Where it was before the patient took it in.
    ...(from === null
      ? {}
      : {
          entity: [{ role: 'source', what: { identifier: { system: 'urn:medguard:record', value: from.recordId } } }],
        }),
    ...(signed === null
      ? {}
      : {
          signature: [
            {
              type: [
                { system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1', display: "Author's Signature" },
              ],
              when: instant(signed.depositedNs),
              who: who(signed.by),
            },
          ],
        }),
  }
}
const who = (principal: string): JsonObject => ({ identifier: { system: PRINCIPAL_SYSTEM, value: principal } })
const participant = (code: string): JsonObject => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code }],
})

/**
 * The person whose vault it is, as far as that is shared; and always who they are here.
 *
 * @param stated content of a Patient among the records, or null: then what the profile says.
 */
export function patientOf(
  patientId: string,
  stated: JsonObject | null,
  profile: Profile | null,
  meta: JsonObject,
): JsonObject {
  const identifier = stated?.['identifier']
  const identifiers = Array.isArray(identifier) ? notOurs(identifier as readonly Json[]) : []
  const { name, birthDate, sex, language } = profile ?? {}
  const told: JsonObject =
    stated ??
    ({
      ...(name === undefined ? {} : { name: [{ text: name }] }),
      ...(birthDate === undefined ? {} : { birthDate }),
      ...(sex === undefined ? {} : { gender: sex }),
      ...(language === undefined ? {} : { communication: [{ language: { text: language } }] }),
    } satisfies JsonObject)
  return {
    ...told,
    resourceType: 'Patient',
    id: patientId,
    meta: { ...keptMeta(told), ...meta },
    identifier: [...identifiers, { system: VAULT_SYSTEM, value: patientId }],
  }
}
