// One hash over what a batch would do, so that those who vote on an upload can check it against files of their own; and one over what the
// canister holds. Both as the official asset canister and its tools compute them (dfinity/certified-assets, `evidence.rs`): fields one
// after the other, with a tag before each operation and each option.
import { createHash, type Hash } from 'node:crypto'
import { fromHex, plain } from '../../certificates/index.ts'
import type {
  BatchOperation,
  CommitBatchArgs,
  CreateAssetArgs,
  EncodingArgs,
  HeaderField,
  Opt,
  SetAssetPropertiesArgs,
} from './interface.ts'
import type { Records } from './records.ts'
import { headersOf } from './response.ts'

const TAG = {
  false: 0,
  true: 1,
  none: 2,
  some: 3,
  CreateAsset: 4,
  SetAssetContent: 5,
  UnsetAssetContent: 6,
  DeleteAsset: 7,
  Clear: 8,
  SetAssetProperties: 9,
} as const

/** @returns 32 bytes. */
export function evidenceOf(records: Records, { operations }: CommitBatchArgs): Uint8Array {
  const hash = createHash('sha256')
  for (const operation of operations) hashOperation(hash, records, operation)
  return plain(hash.digest())
}

/** What the canister holds, as if it were created at once. @returns 32 bytes. */
export function stateHashOf(records: Records): Uint8Array {
  const hash = createHash('sha256')
  const opt = <T>(value: T | null): Opt<T> => (value === null ? [] : [value])
  for (const key of records.assetKeys()) {
    const asset = records.asset(key)
    if (asset === null) continue
    const headers = headersOf(key, asset, records.environment())
    hashCreateAsset(hash, {
      key,
      content_type: asset.contentType,
      max_age: opt(asset.maxAge === null ? null : BigInt(asset.maxAge)),
      headers: opt(headers === null ? null : headers.map(([name, value]): HeaderField => [name, value])),
      enable_aliasing: opt(asset.isAliased),
      allow_raw_access: opt(asset.allowRawAccess),
    })
    for (const [content_encoding, encoding] of Object.entries(asset.encodings).toSorted(([a], [b]) =>
      a < b ? -1 : 1,
    )) {
      hashEncoding(hash, TAG.SetAssetContent, { key, content_encoding })
      hashOption(hash, [fromHex(encoding.sha256)], (bytes) => hash.update(bytes))
      for (const id of encoding.chunkIds) hash.update(records.chunk(id) ?? new Uint8Array())
    }
  }
  return plain(hash.digest())
}

function hashOperation(hash: Hash, records: Records, operation: BatchOperation): void {
  if ('CreateAsset' in operation) return hashCreateAsset(hash, operation.CreateAsset)
  if ('SetAssetProperties' in operation) return hashProperties(hash, operation.SetAssetProperties)
  if ('UnsetAssetContent' in operation) return hashEncoding(hash, TAG.UnsetAssetContent, operation.UnsetAssetContent)
  if ('DeleteAsset' in operation) return void tag(hash, TAG.DeleteAsset).update(operation.DeleteAsset.key)
  if ('Clear' in operation) return void tag(hash, TAG.Clear)
  const { SetAssetContent: content } = operation
  hashEncoding(hash, TAG.SetAssetContent, content)
  hashOption(hash, content.sha256, (bytes) => hash.update(Uint8Array.from(bytes)))
  for (const id of content.chunk_ids) hash.update(records.chunk(Number(id)) ?? new Uint8Array())
  // Beside chunks of the batch the last one is left out; the hash of the whole content above covers it.
  if (content.chunk_ids.length === 0) for (const last of content.last_chunk) hash.update(Uint8Array.from(last))
}

function hashCreateAsset(hash: Hash, args: CreateAssetArgs): void {
  tag(hash, TAG.CreateAsset).update(args.key).update(args.content_type)
  hashOption(hash, args.max_age, (seconds) => hash.update(bigEndian(seconds)))
  hashHeaders(hash, args.headers)
  hashBool(hash, args.allow_raw_access)
  hashBool(hash, args.enable_aliasing)
}

function hashProperties(hash: Hash, args: SetAssetPropertiesArgs): void {
  tag(hash, TAG.SetAssetProperties).update(args.key)
  hashOption(hash, args.max_age, (given) => hashOption(hash, given, (seconds) => hash.update(bigEndian(seconds))))
  hashOption(hash, args.headers, (given) => hashHeaders(hash, given))
  hashOption(hash, args.allow_raw_access, (given) => hashBool(hash, given))
  hashOption(hash, args.is_aliased, (given) => hashBool(hash, given))
}

const hashEncoding = (hash: Hash, which: number, { key, content_encoding }: EncodingArgs): void =>
  void tag(hash, which).update(key).update(content_encoding)

const hashHeaders = (hash: Hash, headers: Opt<readonly HeaderField[]>): void =>
  hashOption(hash, headers, (fields) => {
    // One of each name, the last that was given, in the order of their UTF-8.
    const byName = [...new Map(fields)].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    for (const [name, value] of byName) hash.update(name).update(value)
  })

const hashBool = (hash: Hash, value: Opt<boolean>): void =>
  hashOption(hash, value, (given) => tag(hash, given ? TAG.true : TAG.false))

function hashOption<T>(hash: Hash, [value]: Opt<T>, hashValue: (value: T) => unknown): void {
  tag(hash, value === undefined ? TAG.none : TAG.some)
  if (value !== undefined) hashValue(value)
}

const tag = (hash: Hash, value: number): Hash => hash.update(Uint8Array.of(value))

function bigEndian(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}
