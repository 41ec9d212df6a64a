import { createHash } from 'node:crypto'
import type { Disk } from '../spool/disk.ts'
import { openStore } from '../spool/sealed-store.ts'

/** Which record last told of an order, so that a correction says what it corrects. */
export interface OrderBook {
  /** Record id, or null for an order that nothing was stored of. */
  find(order: OrderName): string | null
  note(order: OrderName, recordId: string): Promise<void>
  close(): Promise<void>
}
export interface OrderName {
  readonly grantId: string
  /** Who counts these numbers. */
  readonly sender: string
  readonly number: string
  readonly code: string
}

/** Corrections come within weeks: half a million reports are more than most institutions write in that time. */
const ORDERS_MAX = 500_000

/** In the spool's folder, which its process has. */
export async function openOrderBook(folder: string, key: Uint8Array, disk?: Disk): Promise<OrderBook> {
  const store = await openStore<string>({ folder, name: 'orders', key, ...(disk === undefined ? {} : { disk }) })
  return {
    find: (order) => store.get(nameOf(order))?.meta ?? null,
    async note(order, recordId) {
      const name = nameOf(order)
      if (store.get(name)?.meta === recordId) return
      await store.put(name, recordId)
      for (const [oldest] of store.entries()) {
        if (store.count <= ORDERS_MAX) break
        await store.remove(oldest)
      }
    },
    close: () => store.close(),
  }
}

const nameOf = ({ grantId, sender, number, code }: OrderName): string =>
  createHash('sha256')
    .update(JSON.stringify([grantId, sender, number, code]))
    .digest('hex')
    .slice(0, 32)
