import { assert } from '@medguard/shared'
import type { ConsentStore } from './store.ts'

/** Layout that this module reads and writes. There was only one so far: the next one brings the first step of a migration. */
const LAYOUT = 1

/** Runs in each upgrade, before anything else. @throws Error for a layout of a later module, so that the upgrade does not happen. */
export function migrate(store: ConsentStore): void {
  assert(store.layout() === LAYOUT, 'rows have the layout this module knows')
}
