import type { AuditStore } from './store.ts'

/**
 * Brings the stored layout up to date after an upgrade, one step per layout, oldest first. There is one layout so far; rows name theirs in
 * byte 0, and a row of an unknown one stops the upgrade here instead of being misread later.
 *
 * @throws Error when the stored state is of a layout this module does not know.
 */
export function migrate(store: AuditStore): void {
  store.state()
}
