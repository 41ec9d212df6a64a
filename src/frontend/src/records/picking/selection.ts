import { createStore, type StoreApi } from 'zustand/vanilla'

/** Which records of the timeline are picked. Each row asks only whether it is one of them, so that one more pick draws one row anew. */
export interface Selection {
  readonly isOn: boolean
  readonly ids: ReadonlySet<string>
  readonly start: () => void
  readonly stop: () => void
  readonly toggle: (recordId: string) => void
  /** These as well. */
  readonly pick: (recordIds: readonly string[]) => void
  /** None, and more can be picked. */
  readonly clear: () => void
}
export type SelectionStore = StoreApi<Selection>

const NONE: ReadonlySet<string> = new Set()

export const createSelection = (): SelectionStore =>
  createStore<Selection>()((set, get) => ({
    isOn: false,
    ids: NONE,
    start: () => set({ isOn: true }),
    stop: () => set({ isOn: false, ids: NONE }),
    toggle(recordId) {
      const ids = new Set(get().ids)
      if (!ids.delete(recordId)) ids.add(recordId)
      set({ ids })
    },
    pick: (recordIds) => set({ ids: new Set([...get().ids, ...recordIds]) }),
    clear: () => set({ ids: NONE }),
  }))
