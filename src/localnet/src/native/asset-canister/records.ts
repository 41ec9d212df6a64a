// What the asset canister keeps, and under which keys of its store. Content stands under the id of its chunk from upload to deletion:
// committing moves no bytes.
import type { NativeStore } from '../native-canister.ts'
import type { PermissionName } from './interface.ts'

/** One representation of an asset: `identity`, `gzip` and so on. */
export interface Encoding {
  /** Of the whole content, hexadecimal. */
  readonly sha256: string
  readonly sizeBytes: number
  /** Nanoseconds since 1970, decimal. */
  readonly modifiedNs: string
  readonly chunkIds: readonly number[]
}

export interface Asset {
  readonly contentType: string
  /** Seconds, decimal: a nat64. */
  readonly maxAge: string | null
  /** In ascending order of their names. */
  readonly headers: readonly (readonly [name: string, value: string])[] | null
  readonly isAliased: boolean | null
  readonly allowRawAccess: boolean | null
  readonly encodings: Readonly<Record<string, Encoding>>
}

/** An upload that was begun and neither committed nor given up. */
export interface Batch {
  readonly expiresNs: string
  readonly chunkIds: readonly number[]
  readonly sizeBytes: number
  readonly isProposed: boolean
  /** Of a proposed batch, hexadecimal; null until it is computed. */
  readonly evidence: string | null
}

/** Decimal nat64; null is no limit. */
export interface Limits {
  readonly max_batches: string | null
  readonly max_chunks: string | null
  readonly max_bytes: string | null
}

export interface Certified {
  /** Of the tree over all responses, hexadecimal. */
  readonly rootHash: string
  /** When contents last changed. */
  readonly changedNs: string
  /** Of what is held, hexadecimal; null until somebody asks for it. */
  readonly stateHash: string | null
}

/** Principals in hexadecimal, ascending. */
export type Permitted = Readonly<Record<PermissionName, readonly string[]>>

const [NEXT_CHUNK, NEXT_BATCH] = ['next-chunk', 'next-batch'] as const
const ASSET = 'asset/'
const BATCH = 'batch/'
const CHUNK = 'chunk/'
const PROPOSAL = 'proposal/'
const NOBODY: Permitted = { Commit: [], ManagePermissions: [], Prepare: [] }
const NO_LIMITS: Limits = { max_batches: null, max_chunks: null, max_bytes: null }

export interface Records {
  asset(key: string): Asset | null
  /** In ascending order. */
  assetKeys(): readonly string[]
  putAsset(key: string, asset: Asset): void
  /** Forgets the asset's chunks too. */
  deleteAsset(key: string): void
  chunk(id: number): Uint8Array | null
  newChunk(content: Uint8Array): number
  deleteChunks(ids: readonly number[]): void
  batch(id: bigint): Batch | null
  batchIds(): readonly bigint[]
  newBatch(batch: Batch): bigint
  putBatch(id: bigint, batch: Batch): void
  deleteBatch(id: bigint): void
  /** Candid of what a proposed batch would do. */
  proposal(id: bigint): Uint8Array | null
  putProposal(id: bigint, arg: Uint8Array): void
  /** Counts chunks and batches from 1 again; none may be left. */
  resetIds(): void
  permitted(): Permitted
  putPermitted(permitted: Permitted): void
  limits(): Limits
  putLimits(limits: Limits): void
  /** Value of the `ic_env` cookie as of the last change of contents; empty before the first. */
  environment(): string
  putEnvironment(value: string): void
  certified(): Certified | null
  putCertified(certified: Certified): void
}

export function recordsIn(store: NativeStore): Records {
  const read = (key: string): unknown => {
    const bytes = store.get(key)
    return bytes === null ? null : JSON.parse(Buffer.from(bytes).toString('utf8'))
  }
  const write = (key: string, value: unknown) =>
    store.put(key, new Uint8Array(Buffer.from(JSON.stringify(value), 'utf8')))
  const next = (counter: string): number => {
    const id = (read(counter) as number | null) ?? 1
    write(counter, id + 1)
    return id
  }
  const deleteChunks = (ids: readonly number[]) => {
    for (const id of ids) store.delete(`${CHUNK}${id}`)
  }
  const records: Records = {
    asset: (key) => read(ASSET + key) as Asset | null,
    assetKeys: () => store.keys(ASSET).map((key) => key.slice(ASSET.length)),
    putAsset: (key, asset) => write(ASSET + key, asset),
    deleteAsset(key) {
      for (const { chunkIds } of Object.values(records.asset(key)?.encodings ?? {})) deleteChunks(chunkIds)
      store.delete(ASSET + key)
    },
    chunk: (id) => store.get(`${CHUNK}${id}`),
    newChunk(content) {
      const id = next(NEXT_CHUNK)
      store.put(`${CHUNK}${id}`, content)
      return id
    },
    deleteChunks,
    batch: (id) => read(`${BATCH}${id}`) as Batch | null,
    batchIds: () => store.keys(BATCH).map((key) => BigInt(key.slice(BATCH.length))),
    newBatch(batch) {
      const id = next(NEXT_BATCH)
      write(`${BATCH}${id}`, batch)
      return BigInt(id)
    },
    putBatch: (id, batch) => write(`${BATCH}${id}`, batch),
    deleteBatch(id) {
      deleteChunks(records.batch(id)?.chunkIds ?? [])
      store.delete(`${BATCH}${id}`)
      store.delete(`${PROPOSAL}${id}`)
    },
    proposal: (id) => store.get(`${PROPOSAL}${id}`),
    putProposal: (id, arg) => store.put(`${PROPOSAL}${id}`, arg),
    resetIds() {
      for (const counter of [NEXT_CHUNK, NEXT_BATCH]) store.delete(counter)
    },
    permitted: () => (read('permitted') as Permitted | null) ?? NOBODY,
    putPermitted: (permitted) => write('permitted', permitted),
    limits: () => (read('limits') as Limits | null) ?? NO_LIMITS,
    putLimits: (limits) => write('limits', limits),
    environment: () => (read('environment') as string | null) ?? '',
    putEnvironment: (value) => write('environment', value),
    certified: () => read('certified') as Certified | null,
    putCertified: (certified) => write('certified', certified),
  }
  return records
}
