import {
  type LogLine,
  type SignatureState,
  type Source,
  sourcesIn,
  summaryOf,
  vaultBundle,
  type VaultPatient,
  type VaultRecord,
} from '@medguard/fhir'
import { CATEGORIES, type Category, NS_PER_MS, refuse, refusalOf } from '@medguard/protocol'
import { readingsAsFhir, SEGMENT_MEDIA_TYPE } from '@medguard/readings'
import { sha256 } from '@noble/hashes/sha2'
import { Fault, type LogItem, type MedGuardClient, type Progress, type RecordSummary } from '../api.ts'
import { FHIR_INLINE_BYTES_MAX, type FhirReport, type SummaryReport } from '../fhir-api.ts'
import { fhirConsent } from '../fhir-consent.ts'
import { isUnreadable, Refused, valueOf } from '../outcome.ts'
import type { Profile } from '../profile.ts'
import { fitsSummary } from './summary-media.ts'

// A vault as src/fhir wants it: opened, with what the log says of who stored what and when. In a file of its own, loaded when it is asked for.

/** What of a client it takes to hand over all that is in a vault. */
export type VaultReading = Pick<
  MedGuardClient,
  'account' | 'profile' | 'log' | 'list' | 'open' | 'sharesGiven' | 'agreement' | 'noteExport'
>
/** How the caller hears of it and ends it. */
export interface OnTheWay {
  readonly progress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
}
type Sink = (bytes: Uint8Array) => Promise<void>

export async function vaultWritten(client: VaultReading, sink: Sink, way: OnTheWay): Promise<FhirReport> {
  const nowMs = Date.now()
  const patient = await patientOf(client)
  // Before anything is opened for it: its own openings are no part of what it tells.
  const { items, verification } = valueOf(await client.log('patient'))
  if (verification.kind === 'failed') throw new Fault(verification.code, verification.what)
  const found = valueOf(await client.list({ of: 'me' }, CATEGORIES, way.progress))
  const consents = []
  for (const share of valueOf(await client.sharesGiven())) {
    const agreement = await client.agreement(share.grantId)
    consents.push(fhirConsent(share, agreement.kind === 'done' ? agreement.value : null))
  }
  const counts = { records: 0, damaged: 0, withoutContent: 0 }
  const records = opened(client, found, { items, patient, counts, nowMs, way })
  const madeAt = new Date(nowMs).toISOString()
  const pieces = vaultBundle({ patient, records, consents, log: items.map(lineOf), madeAt })
  await written({ client, pieces, sink, way, countOf: () => counts.records })
  return { ...counts, shares: consents.length, lines: items.length, hasLog: verification.kind === 'verified' }
}

export async function summaryWritten(
  client: VaultReading,
  categories: readonly Category[],
  sink: Sink,
  way: OnTheWay,
): Promise<SummaryReport> {
  const { summary, ...report } = await summaryMade(client, categories, way)
  const pieces = [`${JSON.stringify(summary, null, 1)}\n`]
  await written({ client, pieces, sink, way, countOf: () => report.records })
  return report
}

/** An International Patient Summary of what is in these categories. */
export async function summaryMade(client: VaultReading, categories: readonly Category[], way: OnTheWay) {
  const patient = await patientOf(client)
  const { sources, records, damaged } = await sourcesOf(client, categories, way)
  const summary = summaryOf(sources, patient, Date.now())
  return { summary, records, damaged, entries: summary.entry?.length ?? 0 }
}

/** It is whole when the log has that it was taken out. */
async function written(args: {
  client: VaultReading
  pieces: AsyncIterable<string> | Iterable<string>
  sink: Sink
  way: OnTheWay
  countOf: () => number
}): Promise<void> {
  const { client, pieces, sink, way, countOf } = args
  const hash = sha256.create()
  for await (const piece of pieces) {
    const bytes = new TextEncoder().encode(piece)
    hash.update(bytes)
    await sink(bytes)
  }
  way.signal?.throwIfAborted()
  valueOf(await client.noteExport(null, { sha256: hash.digest(), count: countOf() }))
}

/** @throws Refused where there is no vault yet. */
async function patientOf(client: VaultReading): Promise<VaultPatient> {
  const account = valueOf(await client.account())
  if (account === null) throw new Refused(refusalOf(refuse.notPermitted))
  const profile: Profile = valueOf(await client.profile()) ?? {}
  const { name = null, birthDate = null, sex = null } = profile
  const { patientId, principal } = account
  return { patientId, principal, name, birthDate, gender: sex }
}

/** A summary has the newest of each measurement: of what devices posted, these are opened, each a line of the log. */
const READINGS_OPENED_MAX = 100

/** Every resource of the vault that can be read, and what devices measured last. */
async function sourcesOf(client: VaultReading, categories: readonly Category[], way: OnTheWay) {
  const sources: Source[] = []
  const listed = valueOf(await client.list({ of: 'me' }, categories, way.progress))
  const all = listed.filter(({ category, mediaType }) => isOf(category, categories) && fitsSummary(mediaType))
  const isMeasured = ({ mediaType }: RecordSummary) => mediaType === SEGMENT_MEDIA_TYPE
  const measured = all.filter(isMeasured).slice(-READINGS_OPENED_MAX)
  const chosen = [...all.filter((record) => !isMeasured(record)), ...measured]
  let records = 0
  for (const record of inTurn(chosen, way)) {
    const bytes = record.isDamaged === true ? null : ((await contentOf(client, record))?.bytes ?? null)
    if (bytes === null) continue
    records++
    sources.push(...sourcesIn(readingsAsFhir({ mediaType: record.mediaType, bytes }) ?? bytes))
  }
  return { sources, records, damaged: chosen.length - records }
}

/** A list of some categories may find what was put elsewhere since. */
const isOf = (category: RecordSummary['category'], categories: readonly Category[]) =>
  categories.some((each) => each === category)

/** One after the other, until it is ended. */
function* inTurn(records: readonly RecordSummary[], { progress, signal }: OnTheWay): Generator<RecordSummary> {
  const totalBytes = records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let doneBytes = 0
  for (const record of records) {
    signal?.throwIfAborted()
    progress?.({ step: 'downloading', doneBytes, totalBytes })
    yield record
    doneBytes += record.sizeBytes
  }
}

interface Around {
  readonly items: readonly LogItem[]
  readonly patient: VaultPatient
  /** Counted while the records go by. */
  readonly counts: { records: number; damaged: number; withoutContent: number }
  readonly nowMs: number
  readonly way: OnTheWay
}

async function* opened(
  client: VaultReading,
  records: readonly RecordSummary[],
  { items, patient, counts, nowMs, way }: Around,
): AsyncGenerator<VaultRecord> {
  const stored = new Map(
    items
      .filter(({ event }) => event === 'recordAdd' || event === 'deposit')
      .map((item) => [`${item.objectId} ${item.versionOrEpoch}`, item]),
  )
  for (const record of inTurn(records, way)) {
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
async function contentOf(client: VaultReading, record: RecordSummary) {
  if (record.sizeBytes > FHIR_INLINE_BYTES_MAX) return { summary: record, bytes: null }
  try {
    return valueOf(await client.open(record))
  } catch (error) {
    if (isUnreadable(error)) return null
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

const toTime = (ns: bigint): string => new Date(Number(ns / NS_PER_MS)).toISOString()

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
