import { type OpenedHead, openBodyInto, type RecordKey, unwrapRecordKey, type WrapKeys } from '@medguard/crypto'
import {
  CHUNKS_MAX,
  type Deposit,
  type DepositView,
  equalBytes,
  Principal,
  RECORD_BYTES_MAX,
  refusalOf,
  refuse,
  toHex,
} from '@medguard/protocol'
import type { ContentSink, OpenedRecord, Progress, RecordSummary } from './api.ts'
import { Fault } from './api.ts'
import type { Signature } from './author-api.ts'
import { signaturesOf } from './authors.ts'
import type { Canisters } from './canisters.ts'
import { cryptoWork } from './crypto-fault.ts'
import type { KeyRing } from './key-ring.ts'
import { type ListedRecord, soundHead } from './listing.ts'
import { newId, okOf, Refused } from './outcome.ts'
import { placeArg } from './place.ts'
import { type KeptCapsule, withWrapKeys } from './wrap-keys.ts'
import { retried } from './retrying.ts'

/** Each chunk leaves some 25 MB of copies behind in the agent, for a moment: of large records one at a time, so that memory stays below 150 MB. */
const inFlightOf = (paddedBytes: number): number => (paddedBytes <= 16 * 2 ** 20 ? 2 : 1)

/**
 * Opens one record into a sink: the log has the opening before the wrapped key comes, the chunks come by query and are checked against the manifest.
 *
 * @throws Fault `Tampered`, `WrongKey`: what the sink got is nothing then. @throws Refused.
 */
export async function openRecord(
  args: OpeningRecord & {
    readonly summary: RecordSummary
    readonly sink: ContentSink
    readonly signal?: AbortSignal | undefined
  },
): Promise<Omit<OpenedRecord, 'bytes'>> {
  const { canisters, listed, summary, sink, progress, signal } = args
  const { recordKey, head, leafIndex, signature, deposit } = await openRecordKey(args)
  const chunks = (from: number) => chunksOf({ canisters, listed, head, from, progress, signal })
  await cryptoWork(() => openBodyInto(recordKey, head, chunks, sink))
  return { summary: openedSummary(summary, { signature, deposit }), verified: true, leafIndex }
}

/** What a list said of a record, with what its opening said of who stored it. */
export function openedSummary(
  summary: RecordSummary,
  { signature, deposit }: { readonly signature: Signature; readonly deposit: Deposit | null },
): RecordSummary {
  // Of rows from before deposits were kept the page's word is all there is: what is opened is not shown as somebody's by that.
  const { depositedBy: _, deviceId: __, ...rest } = summary
  const device = deposit?.deviceId === undefined ? {} : { deviceId: toHex(deposit.deviceId) }
  const by =
    deposit?.isUnderGrant === true
      ? { depositedBy: Principal.fromUint8Array(deposit.depositor).toText(), ...device }
      : {}
  return { ...rest, ...by, signature }
}

export interface OpeningRecord {
  readonly canisters: Canisters
  readonly keyRing: KeyRing
  readonly listed: ListedRecord
  readonly progress: Progress | undefined
}

/** The key of one record version, once the log has the opening. @throws Fault `Tampered`, `WrongKey`, `ListIncomplete`. @throws Refused. */
export async function openRecordKey({ canisters, keyRing, listed, progress }: OpeningRecord): Promise<{
  recordKey: RecordKey
  head: OpenedHead
  leafIndex: bigint
  signature: Signature
  deposit: Deposit | null
}> {
  const { reach, row } = listed
  const head = soundHead(listed)
  // A manifest may promise 64 TiB; whoever wrote it gets no more of this device than a record may have.
  if (head.manifest.chunkCount > CHUNKS_MAX) throw new Refused(refusalOf(refuse.tooLarge(RECORD_BYTES_MAX)))
  progress?.({ step: 'asking' })
  const { openWrap, leafIndex, capsules, deposit } = await releaseWrap(canisters, listed)
  if (!isSameDeposit(row.deposit ?? null, deposit))
    throw new Fault('ListIncomplete', 'the list said something else about who stored this record')
  const [signature] = await signaturesOf(canisters, [{ manifest: row.manifest, deposit }])
  if (signature === undefined || signature.kind === 'wrong')
    throw new Fault('Tampered', 'this record is not signed by whom it says')
  const place = { patientId: reach.patientId, recordId: row.recordId, version: row.version }
  const asking = { canisters, keyRing, capsules }
  const unwrap = (keys: WrapKeys) => unwrapRecordKey(keys, place, openWrap)
  const recordKey = await withWrapKeys(asking, reach, openWrap, unwrap, progress)
  return { recordKey, head, leafIndex, signature, deposit }
}

/** One chunk of ciphertext, as it is stored. */
export async function sealedChunk(
  canisters: Canisters,
  { reach, row }: ListedRecord,
  index: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const where = { ...placeArg(reach), recordId: row.recordId, version: row.version, index }
  return retried(async () => okOf(await canisters.records.chunk(where)), signal)
}

/** The open wrap of one record, released once the log has it, with the capsule that it is under, if it is under one. */
export async function releaseWrap(
  canisters: Canisters,
  { reach, row }: ListedRecord,
): Promise<{
  openWrap: Uint8Array
  leafIndex: bigint
  capsules: readonly KeptCapsule[]
  deposit: Deposit | null
}> {
  const records = [{ recordId: row.recordId, version: row.version }]
  const opened = okOf(await canisters.records.open({ ...placeArg(reach), records, requestId: newId() }))
  const openWrap = opened.openWraps[0]
  if (openWrap === undefined || opened.openWraps.length !== 1) throw new Fault('BadReply', 'not one key for one record')
  const capsules = opened.capsules[0] ?? []
  return { openWrap, leafIndex: opened.firstLeafIndex, capsules, deposit: depositOf(opened.deposits[0]?.[0]?.[0]) }
}

const NOBODY = new Uint8Array(16)

/** By update, so it is what counts, whatever the page of the list said. */
function depositOf(view: DepositView | undefined): Deposit | null {
  if (view === undefined) return null
  const { depositor, depositedNs, isUnderGrant, orgId, author } = view
  const [signed] = author
  const [deviceId] = view.deviceId
  return {
    depositor: depositor.toUint8Array(),
    depositedNs,
    isUnderGrant,
    orgId: new Uint8Array(orgId[0] ?? NOBODY),
    ...(deviceId === undefined ? {} : { deviceId: new Uint8Array(deviceId) }),
    ...(signed === undefined
      ? {}
      : { signed: { keyId: new Uint8Array(signed.keyId), signature: new Uint8Array(signed.signature) } }),
  }
}

/** Whether a page of a list, one replica's word, said what the network says. */
function isSameDeposit(listed: Deposit | null, certified: Deposit | null): boolean {
  if (listed === null || certified === null) return listed === certified
  const [one, other] = [listed.signed, certified.signed]
  return (
    equalBytes(listed.depositor, certified.depositor) &&
    listed.depositedNs === certified.depositedNs &&
    listed.isUnderGrant === certified.isUnderGrant &&
    equalBytes(listed.orgId, certified.orgId) &&
    equalBytes(listed.deviceId ?? NOBODY, certified.deviceId ?? NOBODY) &&
    equalBytes(one?.keyId ?? UNSIGNED, other?.keyId ?? UNSIGNED) &&
    equalBytes(one?.signature ?? UNSIGNED, other?.signature ?? UNSIGNED)
  )
}
const UNSIGNED = new Uint8Array()

/** Chunks in order from the given one on, with the next ones already on their way. */
async function* chunksOf(args: {
  readonly canisters: Canisters
  readonly listed: ListedRecord
  readonly head: OpenedHead
  readonly from: number
  readonly progress: Progress | undefined
  readonly signal: AbortSignal | undefined
}): AsyncGenerator<Uint8Array, void, undefined> {
  const { canisters, listed, head, from, progress, signal } = args
  const { chunkCount, chunkLog2, paddedBytes } = head.manifest
  const ask = (index: number): Promise<Uint8Array> => {
    const chunk = sealedChunk(canisters, listed, index, signal)
    chunk.catch(() => {}) // looked at in its turn; a failure before that must not be an unhandled one
    return chunk
  }
  const first = Math.min(inFlightOf(paddedBytes), chunkCount - from)
  const asked = Array.from({ length: first }, (_, i) => ask(from + i))
  let doneBytes = from * 2 ** chunkLog2
  for (let next = from + first; asked.length > 0; next++) {
    const chunk = await asked.shift()
    if (chunk === undefined) return
    doneBytes += chunk.length
    progress?.({ step: 'downloading', doneBytes: Math.min(doneBytes, paddedBytes), totalBytes: paddedBytes })
    if (next < chunkCount) asked.push(ask(next))
    yield chunk
  }
}
