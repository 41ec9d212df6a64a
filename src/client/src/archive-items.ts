import type { BodySource } from '@medguard/crypto'
import { Fault } from './api.ts'

// What an archive is made of: items, each `length u32 || JSON`, some with bytes behind them. docs/crypto.md, "Archive".

export interface ArchivedVersion {
  readonly recordId: string
  readonly version: number
  readonly category: string
  readonly manifestHash: string
  /** Principal, and RFC 3339 by the network's clock; null where the log did not say. */
  readonly storedBy: string | null
  readonly storedAt: string | null
  /** As `headerToJson` has it. */
  readonly header: unknown
}
export type ArchiveItem =
  | {
      readonly item: 'archive'
      readonly format: 1
      readonly owner: string
      readonly vault: string
      readonly madeAt: string
    }
  | ({ readonly item: 'version'; readonly bytes: number } & ArchivedVersion)
  /** Behind the bytes of a version: whether they verified. */
  | { readonly item: 'checked'; readonly isSound: boolean }
  | {
      readonly item: 'unreadable' | 'deleted'
      readonly recordId: string
      readonly version: number
      readonly manifestHash: string
    }
  | { readonly item: 'log'; readonly bytes: number }
  /** Tags and names, as `archive-book.ts` has them. */
  | { readonly item: 'book'; readonly bytes: number }
  | { readonly item: 'end'; readonly versions: number; readonly damaged: number }

export function encodeItem(item: ArchiveItem): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(item))
  const bytes = new Uint8Array(4 + json.length)
  new DataView(bytes.buffer).setUint32(0, json.length)
  bytes.set(json, 4)
  return bytes
}

/** Far above what a header may have. */
const ITEM_BYTES_MAX = 64 * 1024

/** The items of an opened archive, each with the place of the bytes behind it. @throws Fault `Tampered` for what no export writes. */
export async function* itemsOf(archive: BodySource): AsyncGenerator<{ item: ArchiveItem; start: number }> {
  let at = 0
  while (at < archive.sizeBytes) {
    if (at + 4 > archive.sizeBytes) throw new Fault('Tampered', 'the archive ends within an item')
    const head = await archive.read(at, at + 4)
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0)
    if (length > ITEM_BYTES_MAX || at + 4 + length > archive.sizeBytes)
      throw new Fault('Tampered', 'an item of the archive is too long')
    const item = itemFrom(await archive.read(at + 4, at + 4 + length))
    const start = at + 4 + length
    const bytes = 'bytes' in item ? item.bytes : 0
    if (!Number.isSafeInteger(bytes) || bytes < 0 || start + bytes > archive.sizeBytes)
      throw new Fault('Tampered', 'the archive ends within a record')
    yield { item, start }
    at = start + bytes
  }
}

/** Whoever has the key may have written it: the shape is checked here, ids and headers where they are used. */
function itemFrom(bytes: Uint8Array): ArchiveItem {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new Fault('Tampered', 'an item of the archive is not JSON', { cause })
  }
  if (typeof value !== 'object' || value === null || !('item' in value))
    throw new Fault('Tampered', 'the archive holds something that is no item')
  return value as ArchiveItem
}
