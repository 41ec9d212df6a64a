// Uploads before they are committed.
import { type NativeCall, NativeTrap } from '../native-canister.ts'
import type { ConfigureArgs, Opt, SetAssetContentArgs } from './interface.ts'
import type { Limits, Records } from './records.ts'

/** How long a batch lives after its last chunk: 5 minutes. */
export const BATCH_EXPIRY_NS = 300_000_000_000n

export function createBatch({ timeNs }: Pick<NativeCall, 'timeNs'>, records: Records): bigint {
  for (const id of records.batchIds()) {
    const batch = records.batch(id)
    // Those who vote may take longer than five minutes.
    if (batch !== null && BigInt(batch.expiresNs) <= timeNs && batch.evidence === null) records.deleteBatch(id)
    else if (batch?.isProposed === true) throw new NativeTrap(proposedAlready(id, batch.evidence !== null))
  }
  const { max_batches: max } = records.limits()
  if (max !== null && records.batchIds().length >= Number(max)) throw new NativeTrap('batch limit exceeded')
  return records.newBatch({
    expiresNs: String(timeNs + BATCH_EXPIRY_NS),
    chunkIds: [],
    sizeBytes: 0,
    isProposed: false,
    evidence: null,
  })
}

const proposedAlready = (id: bigint, isComputed: boolean): string =>
  isComputed
    ? `Batch ${id} is already proposed.  Delete or execute it to propose another.`
    : `Batch ${id} has not completed evidence computation.  Wait for it to expire or delete it to propose another.`

/** @returns an id for each chunk. */
export function createChunks(
  { timeNs }: Pick<NativeCall, 'timeNs'>,
  records: Records,
  batchId: bigint,
  contents: readonly Uint8Array[],
): bigint[] {
  const added = contents.reduce((size, { length }) => size + length, 0)
  checkLimits(records, contents.length, added)
  const batch = records.batch(batchId)
  if (batch === null) throw new NativeTrap('batch not found')
  if (batch.isProposed) throw new NativeTrap(`batch ${batchId} has been proposed`)
  const ids = contents.map((content) => records.newChunk(content))
  records.putBatch(batchId, {
    ...batch,
    expiresNs: String(timeNs + BATCH_EXPIRY_NS),
    chunkIds: [...batch.chunkIds, ...ids],
    sizeBytes: batch.sizeBytes + added,
  })
  return ids.map(BigInt)
}

export function deleteBatch(records: Records, batchId: bigint): void {
  if (records.batch(batchId) === null) throw new NativeTrap('batch not found')
  records.deleteBatch(batchId)
}

/** Content that comes with a commit counts as one more chunk. */
export function checkLastChunks(records: Records, contents: readonly SetAssetContentArgs[]): void {
  const lasts = contents.flatMap(({ last_chunk }) => last_chunk)
  checkLimits(
    records,
    lasts.length,
    lasts.reduce((size, { length }) => size + length, 0),
  )
}

function checkLimits(records: Records, chunksAdded: number, bytesAdded: number): void {
  const { max_chunks: maxChunks, max_bytes: maxBytes } = records.limits()
  if (maxChunks === null && maxBytes === null) return
  const batches = records.batchIds().flatMap((id) => records.batch(id) ?? [])
  const chunks = batches.reduce((count, { chunkIds }) => count + chunkIds.length, 0)
  const bytes = batches.reduce((size, { sizeBytes }) => size + sizeBytes, 0)
  if (maxChunks !== null && chunks + chunksAdded > Number(maxChunks)) throw new NativeTrap('chunk limit exceeded')
  if (maxBytes !== null && bytes + bytesAdded > Number(maxBytes)) throw new NativeTrap('byte limit exceeded')
}

/**
 * Takes a chunk out of the batch that holds it: from now on it belongs to an asset.
 * @returns its number in the store. @throws NativeTrap when no batch holds it, for instance because it was taken before.
 */
export function takeChunk(records: Records, id: bigint): number {
  const chunkId = Number(id)
  for (const batchId of records.batchIds()) {
    const batch = records.batch(batchId)
    if (batch === null || !batch.chunkIds.includes(chunkId)) continue
    records.putBatch(batchId, { ...batch, chunkIds: batch.chunkIds.filter((one) => one !== chunkId) })
    return chunkId
  }
  throw new NativeTrap('chunk not found')
}

export function configure(records: Records, args: ConfigureArgs): void {
  const now = records.limits()
  const changed = (given: Opt<Opt<bigint>>, old: string | null): string | null => {
    const [value] = given
    return value === undefined ? old : (value[0]?.toString() ?? null)
  }
  records.putLimits({
    max_batches: changed(args.max_batches, now.max_batches),
    max_chunks: changed(args.max_chunks, now.max_chunks),
    max_bytes: changed(args.max_bytes, now.max_bytes),
  })
}

/** What somebody who votes on the change is shown, in the official canister's words. */
export function describeConfigure(args: ConfigureArgs): string {
  const some = (value: string | undefined) => (value === undefined ? 'None' : `Some(${value})`)
  const field = (given: Opt<Opt<bigint>>) => some(given[0] === undefined ? undefined : some(given[0][0]?.toString()))
  const { max_batches, max_chunks, max_bytes } = args
  const fields = `max_batches: ${field(max_batches)}, max_chunks: ${field(max_chunks)}, max_bytes: ${field(max_bytes)}`
  return `configure: ConfigureArguments { ${fields} }`
}

export function configuration(limits: Limits): Record<keyof Limits, Opt<bigint>> {
  const opt = (value: string | null): Opt<bigint> => (value === null ? [] : [BigInt(value)])
  return {
    max_batches: opt(limits.max_batches),
    max_chunks: opt(limits.max_chunks),
    max_bytes: opt(limits.max_bytes),
  }
}
