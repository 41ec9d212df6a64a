import { COMPARTMENT_KIND, MANIFEST_BYTES, WRAP_BYTES } from '@medguard/protocol'
import { collectRows, madeUpId } from '@medguard/shared/row-collector'
import { createRecordsStore } from './store.ts'

const HEADER_BYTES = 564
const CHUNK_LOG2 = 20
/** Numbers of bodies that no real upload comes near. */
const BODIES_AFTER = 1n << 40n

/**
 * Rows of a records canister with that many patients and, in one list of each, that many record versions in all; the canister's own store makes
 * them. Bodies are missing: nobody walks over them.
 *
 * @param nextLeaf the number of the next leaf that this canister sends; all before are acknowledged.
 * @yields messages for one of the two maps.
 */
export function* largeRecords(
  patients: number,
  headers: number,
  nextLeaf: bigint,
): Generator<{ readonly map: 'rows' | 'pages'; readonly message: Uint8Array }, void, undefined> {
  const small = collectRows()
  const pages = collectRows()
  const store = createRecordsStore({ rows: small.rows, chunks: collectRows().rows, pages: pages.rows })
  function* taken() {
    for (const message of small.take()) yield { map: 'rows', message } as const
    for (const message of pages.take()) yield { map: 'pages', message } as const
  }
  for (let n = 0; n < patients; n++) {
    const [principal, patientId, cids] = [madeUpId(n, 29), madeUpId(n, 16), madeUpId(n, 128)]
    store.openAccount(principal, { patientId, cids, people: 0 })
    const homeCid = cids.slice(0, 16)
    const place = { patientId, compartmentKind: COMPARTMENT_KIND.category, cid: homeCid }
    const [first, end] = [Math.floor((n * headers) / patients), Math.floor(((n + 1) * headers) / patients)]
    const entries = Array.from({ length: end - first }, (_, i) => ({
      recordId: madeUpId(first + i + 0x2000_0000, 16),
      version: 1,
      manifest: madeUpId(first + i, MANIFEST_BYTES),
      manifestHash: madeUpId(first + i, 32),
      header: new Uint8Array(HEADER_BYTES).fill(i),
      listWrap: new Uint8Array(WRAP_BYTES).fill(1),
      openWrap: new Uint8Array(WRAP_BYTES).fill(2),
    }))
    if (entries.length > 0) store.lists.append(place, entries)
    for (const [seq, { recordId, manifestHash }] of entries.entries()) {
      const body = { bodyNo: BigInt(first + seq), chunkCount: 1, chunkLog2: CHUNK_LOG2, sizeBytes: 116n }
      store.addVersion({ recordId, version: 1 }, { ...body, patientId, homeCid, seq, author: principal, manifestHash })
    }
    if (small.isFull() || pages.isFull()) yield* taken()
  }
  const counters = new Uint8Array(16)
  new DataView(counters.buffer).setBigUint64(0, nextLeaf)
  new DataView(counters.buffer).setBigUint64(8, nextLeaf)
  store.outboxRows.set(Uint8Array.of(0), counters)
  yield* taken()
}

/** What a list of somebody who is enrolled is to hold; nothing here looks into it. */
export interface ListFill {
  readonly principal: Uint8Array
  readonly patientId: Uint8Array
  /** Of all eight compartments, in their order. */
  readonly cids: Uint8Array
  /** The one that is filled, still empty. */
  readonly cid: Uint8Array
  readonly entries: readonly {
    readonly recordId: Uint8Array
    readonly manifest: Uint8Array
    readonly manifestHash: Uint8Array
    readonly header: Uint8Array
    readonly listWrap: Uint8Array
    readonly openWrap: Uint8Array
  }[]
}

/** Rows of one list with record versions whose bodies are missing, as the store of a canister makes them that knows only this account. */
export function* largeList({ principal, patientId, cids, cid, entries }: ListFill): ReturnType<typeof largeRecords> {
  const small = collectRows()
  const pages = collectRows()
  const store = createRecordsStore({ rows: small.rows, chunks: collectRows().rows, pages: pages.rows })
  store.openAccount(principal, { patientId, cids, people: 0 })
  store.lists.append(
    { patientId, compartmentKind: COMPARTMENT_KIND.category, cid },
    entries.map((entry) => ({ ...entry, version: 1 })),
  )
  for (const [seq, { recordId, manifestHash }] of entries.entries()) {
    const body = { bodyNo: BODIES_AFTER + BigInt(seq), chunkCount: 1, chunkLog2: CHUNK_LOG2, sizeBytes: 116n }
    store.addVersion(
      { recordId, version: 1 },
      { ...body, patientId, homeCid: cid, seq, author: principal, manifestHash },
    )
  }
  for (const message of small.take()) yield { map: 'rows', message }
  for (const message of pages.take()) yield { map: 'pages', message }
}
