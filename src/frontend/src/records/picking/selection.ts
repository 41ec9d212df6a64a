import { createStore, type StoreApi } from 'zustand/vanilla'

/** Which records of the timeline are picked. Each row asks only whether it is one of them, so that one more pick draws one row anew. */
export interface Selection {
  readonly isOn: boolean
  readonly ids: ReadonlySet<string>
  readonly start: () => void
  readonly stop: () => void
  /** These, or none of them where all of them are picked. */
  readonly toggle: (recordIds: readonly string[]) => void
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
    toggle(recordIds) {
      const { ids } = get()
      const isAll = recordIds.every((recordId) => ids.has(recordId))
      const rest = [...ids].filter((recordId) => !recordIds.includes(recordId))
      set({ ids: new Set(isAll ? rest : [...ids, ...recordIds]) })
    },
    pick: (recordIds) => set({ ids: new Set([...get().ids, ...recordIds]) }),
    clear: () => set({ ids: NONE }),
  }))
