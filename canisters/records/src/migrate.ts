import { equalBytes } from '@medguard/protocol'
import {
  assert,
  type ByteMap,
  createPages,
  type PagedList,
  type Rows,
  rowOf,
  section,
  u32,
  u64,
  u8,
  walkRows,
  withLayout,
} from '@medguard/shared'
import { blobOf } from './codec.ts'
import { type RecordsStore, SECTION } from './store.ts'

/** Layout that this module reads and writes. */
export const LAYOUT = 2
/**
 * The same rows, where the log has several canisters. Modules from before there could be several do not know it, and refuse such an upgrade: they would write a patient's
 * next lines to the first one, and split the history.
 */
export const LAYOUT_OF_SHARDS = 3

/**
 * Runs in each upgrade, before anything else.
 *
 * [Note: layout 2] Layout 1 is that of First light. Layout 2 keeps lists in pages, in a memory of their own, the indices of grants in runs, and what
 * it knows of bodies in one section; counters and queues have a layout byte. It takes 1 M instructions a record version, and to find the rows 5 k
 * for each row before them, every 2,000 rows: 60,000 versions are far within what an upgrade may take.
 *
 * @throws Error for a layout of a later module, so that the upgrade does not happen.
 */
export function migrate(store: RecordsStore, { rows, pages }: { readonly rows: ByteMap; readonly pages: Rows }): void {
  const layout = store.layout()
  if (layout === 1) toLayout2(store, rows, pages)
  else assert(layout === LAYOUT || layout === LAYOUT_OF_SHARDS, 'rows have the layout this module knows')
}

const GARBAGE_1 = rowOf(1, { bodyNo: u64, chunkCount: u32, chunkLog2: u8, sizeBytes: u64, nextRow: u32 })
const NO_KEY = new Uint8Array(0)

function toLayout2(store: RecordsStore, rows: ByteMap, pages: Rows): void {
  const blobState = section(rows, SECTION.blobs)
  const [bitmaps, total] = [section(blobState, 0), section(blobState, 1)]
  const lists = createPages(pages)
  let open = null as { readonly place: Uint8Array; readonly list: PagedList } | null
  const listOf = (place: Uint8Array): PagedList => {
    if (open === null || !equalBytes(open.place, place)) {
      open?.list.save()
      open = { place, list: lists.of(place) }
    }
    return open.list
  }

  const moveList = (key: Uint8Array, value: Uint8Array): 'kept' | 'gone' => {
    const [, part] = key
    if (part === 0) listOf(key.slice(2)).note = value
    else if (part === 1) {
      assert(value[0] === 1, 'an entry of a list decodes')
      listOf(key.slice(2, 35)).push(value.subarray(1))
    } else return 'kept'
    rows.set(key, new Uint8Array(value.length)) // it holds a wrap: see keys.md, section 17
    rows.delete(key)
    return 'gone'
  }
  const moveGarbage = (key: Uint8Array, value: Uint8Array): 'gone' => {
    if (key.length > 1) {
      const body = GARBAGE_1.decode(value)
      assert(body !== null, 'a body that was given up decodes')
      store.blobs.discard(blobOf(body), body.nextRow)
    }
    rows.delete(key)
    return 'gone'
  }
  walkRows(rows, (key, value) => {
    switch (key[0]) {
      case SECTION.grants:
        return store.grants.fromLayout1(key.subarray(1), value)
      case RETIRED.bitmaps:
        if (key.length === 1) total.set(NO_KEY, withLayout(1, value))
        else bitmaps.set(key.subarray(1), withLayout(1, value))
        rows.delete(key)
        return 'gone'
      case SECTION.lists:
        return moveList(key, value)
      case RETIRED.garbage:
        return moveGarbage(key, value)
      case SECTION.unfinished:
        if (key.length > 1) return 'kept' // the entries of a queue are as they were
        rows.set(key, withLayout(1, value))
        return 'kept'
      case SECTION.counters:
      case SECTION.windows:
        rows.set(key, withLayout(1, value))
        return 'kept'
      default:
        return 'kept'
    }
  })
  open?.list.save()
  store.setLayout(2)
}

/** Sections of layout 1 that there are no more. */
const RETIRED = { bitmaps: 9, garbage: 16 } as const
