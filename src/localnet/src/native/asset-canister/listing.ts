// What the canister tells about its assets, other than over HTTP.
import { fromHex } from '../../certificates/index.ts'
import { NativeTrap } from '../native-canister.ts'
import { chunkOf } from './http.ts'
import type { HeaderField, Opt } from './interface.ts'
import { resolve } from './paths.ts'
import type { Asset, Records } from './records.ts'
import { headersOf } from './response.ts'

const PAGE_ASSETS_MAX = 100

/** One page, in ascending order of keys. */
export function listAssets(
  records: Records,
  { start, length }: { readonly start: Opt<bigint>; readonly length: Opt<bigint> },
) {
  const from = start[0] ?? 0n
  const count = length[0] ?? BigInt(PAGE_ASSETS_MAX)
  const keys = records.assetKeys()
  const first = from > BigInt(keys.length) ? keys.length : Number(from)
  const page = keys.slice(first, first + (count > BigInt(PAGE_ASSETS_MAX) ? PAGE_ASSETS_MAX : Number(count)))
  return page.flatMap((key) => {
    const asset = records.asset(key)
    return asset === null ? [] : [details(key, asset, records)]
  })
}

function details(key: string, asset: Asset, records: Records) {
  const encodings = Object.entries(asset.encodings).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    key,
    content_type: asset.contentType,
    encodings: encodings.map(([content_encoding, { sha256, sizeBytes, modifiedNs }]) => ({
      content_encoding,
      sha256: [fromHex(sha256)],
      length: BigInt(sizeBytes),
      modified: BigInt(modifiedNs),
    })),
    ...properties(key, asset, records),
  }
}

export function properties(key: string, asset: Asset, records: Records) {
  const headers = headersOf(key, asset, records.environment())
  return {
    max_age: opt(asset.maxAge === null ? null : BigInt(asset.maxAge)),
    headers: opt(headers === null ? null : headers.map(([name, value]): HeaderField => [name, value])),
    allow_raw_access: opt(asset.allowRawAccess),
    is_aliased: opt(asset.isAliased),
  }
}

/** The first of the encodings that exists, with its first chunk. */
export function get(
  records: Records,
  { key, accept_encodings }: { readonly key: string; readonly accept_encodings: readonly string[] },
) {
  const asset = answering(records, key)
  for (const content_encoding of accept_encodings) {
    const encoding = encodingNamed(asset, content_encoding)
    if (encoding === undefined) continue
    return {
      content: chunkOf(records, encoding, 0n),
      content_type: asset.contentType,
      content_encoding,
      sha256: [fromHex(encoding.sha256)],
      total_length: BigInt(encoding.sizeBytes),
    }
  }
  throw new NativeTrap('no such encoding')
}

/** The whole content, if it is one chunk. */
export function retrieve(records: Records, key: string): Uint8Array {
  const encoding = encodingNamed(answering(records, key), 'identity')
  if (encoding === undefined) throw new NativeTrap('no identity encoding')
  if (encoding.chunkIds.length > 1) throw new NativeTrap('Asset too large. Use get() and get_chunk() instead.')
  return chunkOf(records, encoding, 0n)
}

export const encodingNamed = ({ encodings }: Asset, name: string) =>
  Object.hasOwn(encodings, name) ? encodings[name] : undefined

function answering(records: Records, key: string): Asset {
  const found = resolve(records, key)
  if (found === null) throw new NativeTrap('asset not found')
  return found.asset
}

const opt = <T>(value: T | null): Opt<T> => (value === null ? [] : [value])
