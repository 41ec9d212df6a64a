import {
  CATEGORIES,
  Fault,
  fhirConsent,
  type LogItem,
  type MedGuardClient,
  type Profile,
  type Progress,
  type RecordSummary,
} from '@medguard/client'
import {
  type LogLine,
  type SignatureState,
  type Source,
  sourcesIn,
  type VaultContents,
  type VaultPatient,
  type VaultRecord,
} from '@medguard/fhir'
import { SEGMENT_MEDIA_TYPE } from '@medguard/readings'
import { UsageError, valueOf } from '../exit-code.ts'
import { toTime } from '../format.ts'
import { readingsAsFhir } from './fhir-readings.ts'

// A vault as src/fhir wants it: opened, with what the log says of who stored what and when.

/** A larger content is told by its hash: a bundle is read as a whole by whoever gets it. `medguard export` takes everything. */
export const INLINE_BYTES_MAX = 8 * 1024 * 1024

export interface Exported {
  readonly contents: VaultContents
  /** Whether what it says of the log was proven. */
  readonly hasLog: boolean
  /** Counted while the records go by. */
  readonly counts: { records: number; damaged: number; withoutContent: number }
}

export async function vaultContents(client: MedGuardClient, nowMs: number, progress: Progress): Promise<Exported> {
  const patient = await patientOf(client)
  // Before anything is opened for it: its own openings are no part of what it tells.
  const { items, verification } = valueOf(await client.log('patient'))
  if (verification.kind === 'failed') throw new Fault(verification.code, verification.what)
  const found = valueOf(await client.list({ of: 'me' }, CATEGORIES, progress))
  const consents = []
  for (const share of valueOf(await client.sharesGiven())) {
    const agreement = await client.agreement(share.grantId)
    consents.push(fhirConsent(share, agreement.kind === 'done' ? agreement.value : null))
  }
  const counts = { records: 0, damaged: 0, withoutContent: 0 }
  const contents: VaultContents = {
    patient,
    records: opened(client, found, { items, patient, counts, nowMs }),
    consents,
    log: items.map(lineOf),
    madeAt: new Date(nowMs).toISOString(),
  }
  return { contents, hasLog: verification.kind === 'verified', counts }
}

/** @throws UsageError where there is no vault yet. */
export async function patientOf(client: MedGuardClient): Promise<VaultPatient> {
  const account = valueOf(await client.account())
  if (account === null) throw new UsageError('no records yet: add one, and your vault is opened')
  const profile: Profile = valueOf(await client.profile()) ?? {}
  const { name = null, birthDate = null, sex = null } = profile
  const { patientId, principal } = account
  return { patientId, principal, name, birthDate, gender: sex }
}

const FHIR = /^application\/(?:fhir\+)?json(?:;|$)/
/** A summary has the newest of each measurement: of what devices posted, these are opened, each a line of the log. */
const READINGS_OPENED_MAX = 100

/** Every resource of the vault that can be read, and what devices measured last. */
export async function sourcesOf(client: MedGuardClient): Promise<Source[]> {
  const sources: Source[] = []
  const all = valueOf(await client.list({ of: 'me' }, CATEGORIES)).filter(({ isDamaged }) => isDamaged !== true)
  const measured = all.filter(({ mediaType }) => mediaType === SEGMENT_MEDIA_TYPE).slice(-READINGS_OPENED_MAX)
  for (const record of [...all.filter(({ mediaType }) => FHIR.test(mediaType)), ...measured]) {
    const bytes = (await contentOf(client, record))?.bytes ?? null
    if (bytes === null) continue
    sources.push(...sourcesIn(readingsAsFhir({ mediaType: record.mediaType, bytes }) ?? bytes))
  }
  return sources
}

interface Around {
  readonly items: readonly LogItem[]
  readonly patient: VaultPatient
  readonly counts: Exported['counts']
  readonly nowMs: number
}

async function* opened(
  client: MedGuardClient,
  records: readonly RecordSummary[],
  { items, patient, counts, nowMs }: Around,
): AsyncGenerator<VaultRecord> {
  const stored = new Map(
    items
      .filter(({ event }) => event === 'recordAdd' || event === 'deposit')
      .map((item) => [`${item.objectId} ${item.versionOrEpoch}`, item]),
  )
  for (const record of records) {
    const content = record.isDamaged === true ? null : await contentOf(client, record)
    if (content === null) {
      counts.damaged++
      continue
    }
    counts.records++
    if (content.bytes === null) counts.withoutContent++
    const line = stored.get(`${record.recordId} ${record.version}`)
    const storedNs = line?.timeNs ?? record.postedNs ?? record.addedNs
    yield {
      ...record,
      sha256: record.contentSha256 ?? null,
      storedBy: { principal: line?.actor ?? record.depositedBy ?? patient.principal, name: record.author },
      storedAt: storedNs === null ? new Date(nowMs).toISOString() : toTime(storedNs),
      signature: stateOf(content.summary),
      notesTo: record.links ?? [],
      bytes: content.bytes,
      asFhir: content.bytes === null ? null : readingsAsFhir({ mediaType: record.mediaType, bytes: content.bytes }),
    }
  }
}

/** Null where its seals do not hold: nothing of it is anybody's word. */
async function contentOf(client: MedGuardClient, record: RecordSummary) {
  if (record.sizeBytes > INLINE_BYTES_MAX) return { summary: record, bytes: null }
  try {
    return valueOf(await client.open(record))
  } catch (error) {
    if (error instanceof Fault && error.code === 'Tampered') return null
    throw error
  }
}

function stateOf({ signature }: RecordSummary): SignatureState {
  switch (signature?.kind) {
    case 'signed':
      return 'signed'
    case 'keyEnded':
      return 'key-ended'
    case 'unchecked':
    case 'wrong':
      return 'unchecked'
    case 'unsigned':
    case undefined:
      return 'unsigned'
    default:
      return signature satisfies never
  }
}

const lineOf = (item: LogItem): LogLine => ({
  leafIndex: item.leafIndex.toString(),
  at: toTime(item.timeNs),
  event: item.event,
  actor: item.actor,
  objectId: item.objectId,
  grantId: item.grantId,
  organisationId: item.orgId,
  subject: item.subject,
  purpose: item.purpose,
  failed: item.failedOrWithheld,
  reason: item.reason,
})
