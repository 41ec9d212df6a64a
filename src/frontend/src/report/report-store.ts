import type { MedGuardClient } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { createTask } from '../app/task.ts'
import { noted } from '../summary/noted.ts'
import { createReadings } from '../summary/readings.ts'
import { FIRST_CHOICE, type ReportChoice } from './report-choice.ts'

/** What is to be printed, as text, and how many records were read for it. */
export interface Printed {
  readonly content: string
  readonly count: number
}

/** In memory only, for as long as somebody is signed in: another language of the page writes the same report anew. */
export function createReportStores(client: Pick<MedGuardClient, 'open' | 'noteExport'>) {
  const choosing = createStore<{
    choice: ReportChoice
    /** When it was asked for, and so what it is as of; null: it is still being chosen. */
    madeMs: number | null
    readonly edit: (change: Partial<ReportChoice>) => void
    readonly make: (madeMs: number | null) => void
  }>()((set, get) => ({
    choice: FIRST_CHOICE,
    madeMs: null,
    edit: (change) => set({ choice: { ...get().choice, ...change } }),
    make: (madeMs) => set({ madeMs }),
  }))
  const readings = createReadings(client)
  const printing = createTask<Printed, Printed>((printed) => noted(client, null, printed))
  return { choosing, readings, printing }
}
export type ReportStores = ReturnType<typeof createReportStores>

/** One per signed-in client: what was read is forgotten with it. */
const all = new WeakMap<MedGuardClient, ReportStores>()
export function reportStoresOf(client: MedGuardClient): ReportStores {
  const stores = all.get(client) ?? createReportStores(client)
  all.set(client, stores)
  return stores
}
