import { assert, type ByteMap, walkRows, withLayout } from '@medguard/shared'
import { type ConsentStore, SECTION } from './store.ts'

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
 * [Note: layout 2] Layout 1 is that of First light. Layout 2 keeps the indices of grants in runs, and counters have a layout byte. It takes
 * 2 M instructions a grant, and to find the rows 5 k for each row before them, every 2,000 rows.
 *
 * @throws Error for a layout of a later module, so that the upgrade does not happen.
 */
export function migrate(store: ConsentStore, rows: ByteMap): void {
  const layout = store.layout()
  if (layout === 1) toLayout2(store, rows)
  else assert(layout === LAYOUT || layout === LAYOUT_OF_SHARDS, 'rows have the layout this module knows')
}

function toLayout2(store: ConsentStore, rows: ByteMap): void {
  walkRows(rows, (key, value) => {
    if (key[0] === SECTION.grants) return store.grants.fromLayout1(key.subarray(1), value)
    if (key[0] === SECTION.changes) rows.set(key, withLayout(1, value))
    return 'kept'
  })
  store.setLayout(2)
}
