// What can be done to assets. Each operation changes records only; whoever called it certifies once at the end of the message.
import { equalBytes, hex, sha256 } from '../../certificates/index.ts'
import { type NativeCall, NativeTrap } from '../native-canister.ts'
import { checkLastChunks, takeChunk } from './batches.ts'
import { isReservedSegment } from './certification.ts'
import type {
  BatchOperation,
  CommitBatchArgs,
  CreateAssetArgs,
  EncodingArgs,
  HeaderField,
  Opt,
  SetAssetContentArgs,
  SetAssetPropertiesArgs,
  StoreArgs,
} from './interface.ts'
import type { Asset, Encoding, Records } from './records.ts'
import { EXPRESSION_HEADER } from './response.ts'

type Clock = Pick<NativeCall, 'timeNs'>

/** All operations of a batch in order; the first that fails ends the message, which keeps nothing of the others. */
export function commitBatch(call: Clock, records: Records, { batch_id, operations }: CommitBatchArgs): void {
  checkLastChunks(
    records,
    operations.flatMap((one) => ('SetAssetContent' in one ? [one.SetAssetContent] : [])),
  )
  for (const operation of operations) apply(call, records, operation)
  records.deleteBatch(batch_id)
}

function apply(call: Clock, records: Records, operation: BatchOperation): void {
  if ('CreateAsset' in operation) createAsset(records, operation.CreateAsset)
  else if ('SetAssetContent' in operation) setAssetContent(call, records, operation.SetAssetContent)
  else if ('SetAssetProperties' in operation) setAssetProperties(records, operation.SetAssetProperties)
  else if ('UnsetAssetContent' in operation) unsetAssetContent(records, operation.UnsetAssetContent)
  else if ('DeleteAsset' in operation) records.deleteAsset(operation.DeleteAsset.key)
  else clear(records)
}

export function createAsset(records: Records, args: CreateAssetArgs): void {
  if (records.asset(args.key) !== null) throw new NativeTrap('asset already exists')
  checkKey(args.key)
  records.putAsset(args.key, {
    contentType: checkedValue('content-type', args.content_type),
    maxAge: args.max_age[0]?.toString() ?? null,
    headers: checkedHeaders(args.headers),
    isAliased: args.enable_aliasing[0] ?? null,
    allowRawAccess: args.allow_raw_access[0] ?? null,
    encodings: {},
  })
}

export function setAssetContent({ timeNs }: Clock, records: Records, args: SetAssetContentArgs): void {
  if (args.chunk_ids.length === 0 && args.last_chunk.length === 0) {
    throw new NativeTrap('encoding must have at least one chunk or contain last_chunk')
  }
  const asset = assetOf(records, args.key)
  const chunkIds = args.chunk_ids.map((id) => takeChunk(records, id))
  for (const last of args.last_chunk) chunkIds.push(records.newChunk(Uint8Array.from(last)))
  const contents = chunkIds.map((id) => records.chunk(id) ?? new Uint8Array())
  putEncoding(records, args, asset, {
    sha256: checkedHash(contents, args.sha256),
    sizeBytes: contents.reduce((size, { length }) => size + length, 0),
    modifiedNs: String(timeNs),
    chunkIds,
  })
}

export function unsetAssetContent(records: Records, { key, content_encoding }: EncodingArgs): void {
  const asset = assetOf(records, key)
  records.deleteChunks(asset.encodings[content_encoding]?.chunkIds ?? [])
  const { [content_encoding]: _removed, ...encodings } = asset.encodings
  records.putAsset(key, { ...asset, encodings })
}

export function setAssetProperties(records: Records, args: SetAssetPropertiesArgs): void {
  const asset = assetOf(records, args.key)
  const [maxAge, headers, raw, aliased] = [
    args.max_age[0],
    args.headers[0],
    args.allow_raw_access[0],
    args.is_aliased[0],
  ]
  records.putAsset(args.key, {
    ...asset,
    ...(maxAge !== undefined && { maxAge: maxAge[0]?.toString() ?? null }),
    ...(headers !== undefined && { headers: checkedHeaders(headers) }),
    ...(raw !== undefined && { allowRawAccess: raw[0] ?? null }),
    ...(aliased !== undefined && { isAliased: aliased[0] ?? null }),
  })
}

/** Creates or replaces one encoding of an asset in a single call. */
export function storeAsset({ timeNs }: Clock, records: Records, args: StoreArgs): void {
  checkKey(args.key)
  const old = records.asset(args.key)
  const asset: Asset = {
    ...(old ?? { maxAge: null, headers: null, allowRawAccess: null, encodings: {} }),
    contentType: checkedValue('content-type', args.content_type),
    isAliased: args.aliased[0] ?? null,
  }
  const content = Uint8Array.from(args.content)
  putEncoding(records, args, asset, {
    sha256: checkedHash([content], args.sha256),
    sizeBytes: content.length,
    modifiedNs: String(timeNs),
    chunkIds: [records.newChunk(content)],
  })
}

/** Forgets assets and uploads; permissions and limits stay. */
export function clear(records: Records): void {
  for (const key of records.assetKeys()) records.deleteAsset(key)
  for (const id of records.batchIds()) records.deleteBatch(id)
  records.resetIds()
}

function putEncoding(records: Records, { key, content_encoding }: EncodingArgs, asset: Asset, made: Encoding): void {
  if (!TOKEN.test(content_encoding)) throw new NativeTrap(`${quoted(content_encoding)} is no content encoding`)
  records.deleteChunks(asset.encodings[content_encoding]?.chunkIds ?? [])
  records.putAsset(key, { ...asset, encodings: { ...asset.encodings, [content_encoding]: made } })
}

/** @throws NativeTrap for an asset that is not there; aliases do not count. */
export function assetOf(records: Records, key: string): Asset {
  const asset = records.asset(key)
  if (asset === null) throw new NativeTrap('asset not found')
  return asset
}

const KEY_CHARS_MAX = 1000
const HEADERS_MAX = 64
const HEADER_CHARS_MAX = 8000
/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/
/** Headers that the canister itself makes. */
const OWN_HEADERS: ReadonlySet<string> = new Set(['ic-certificate', EXPRESSION_HEADER, 'content-encoding'])
const quoted = (text: string): string => JSON.stringify(text.slice(0, 100))

/** A key that is no path of an address could never be served. */
function checkKey(key: string): void {
  if (!key.startsWith('/')) throw new NativeTrap(`the key of an asset begins with a slash, ${quoted(key)} does not`)
  if (key.includes('//')) throw new NativeTrap(`${quoted(key)} has two slashes in a row, which addresses count as one`)
  if (key.length > KEY_CHARS_MAX) throw new NativeTrap(`a key has at most ${KEY_CHARS_MAX} characters`)
  if (isReservedSegment(key)) throw new NativeTrap(`${quoted(key)} has a segment that certificates use for themselves`)
}

function checkedHeaders([headers]: Opt<HeaderField[]>): Asset['headers'] {
  if (headers === undefined) return null
  const byName = new Map<string, string>()
  for (const [name, value] of headers) {
    if (!TOKEN.test(name)) throw new NativeTrap(`${quoted(name)} is no name of a header`)
    if (OWN_HEADERS.has(name.toLowerCase())) throw new NativeTrap(`the header ${quoted(name)} is the canister's own`)
    byName.set(name, checkedValue(name, value))
  }
  if (byName.size > HEADERS_MAX) throw new NativeTrap(`an asset has at most ${HEADERS_MAX} headers`)
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** No header may end early and begin another. RFC 9110, section 5.5; certificates hash text, so ASCII only. */
function checkedValue(name: string, value: string): string {
  if (/^[\t\x20-\x7e]*$/.test(value) && value.length <= HEADER_CHARS_MAX) return value
  throw new NativeTrap(`the header ${quoted(name)} has a value that HTTP cannot carry`)
}

function checkedHash(contents: readonly Uint8Array[], [expected]: Opt<Uint8Array>): string {
  const hash = sha256(...contents)
  if (expected === undefined) return hex(hash)
  if (expected.length !== hash.length) throw new NativeTrap('invalid SHA-256')
  if (!equalBytes(hash, Uint8Array.from(expected))) throw new NativeTrap('sha256 mismatch')
  return hex(hash)
}
