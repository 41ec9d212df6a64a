import type { NewRecord, RecordSummary } from '@medguard/client'
import { resourceIn } from './granted-records.ts'
import type { KnownRecord } from './record-resources.ts'

/** A resource that was acknowledged, and that its patient's vault may not have yet. */
export interface Create {
  /** Of the record that it becomes. */
  readonly recordId: string
  readonly patientId: string
  /** Under which it was taken. */
  readonly grantId: string
  /** It is left for the patient to take in, and not read here before. */
  readonly isForInbox: boolean
  readonly receivedMs: number
  readonly record: NewRecord & { readonly bytes: Uint8Array }
}

/**
 * What this gateway took and has not delivered, as bytes in memory: read and found like what the vault has, by whoever may read its kind there. What was delivered stays until a list of the vault
 * was asked for that has to have it, so that nobody finds it gone in between.
 */
export interface OnItsWay {
  /** False where there is no room. It shows once it was `taken`. */
  add(create: Create): boolean
  taken(recordId: string): void
  /** The vault has it. */
  delivered(recordId: string): void
  /** It will not get there. */
  drop(recordId: string): void
  find(recordId: string): Create | null
  /** What is read here. */
  of(patientId: string): readonly (readonly [create: Create, known: KnownRecord])[]
  /** Another one whenever something changed. */
  revisionOf(patientId: string): number
  /** Whoever is told so has to ask for lists anew: then these may be let go of. */
  arrived(): readonly Create[]
  /** False where it does not leave this list, or gets to its vault, in time. */
  whenDelivered(recordId: string, waitMs: number): Promise<boolean>
  readonly count: number
}

/** An hour of fifty a second would be 180,000: more than a hospital writes by hand and by machine. Beyond these, clients wait. */
const COUNT_MAX = 100_000
const BYTES_MAX = 256 * 1024 * 1024

interface Kept {
  readonly create: Create
  state: 'taking' | 'waiting' | 'delivered'
  known: KnownRecord | null
  readonly waiters: Set<(isDelivered: boolean) => void>
}

/** @param principal the gateway's own: who these are from. */
export function createOnItsWay(principal: string): OnItsWay {
  const all = new Map<string, Kept>()
  const byPatient = new Map<string, Map<string, Kept>>()
  const revisions = new Map<string, number>()
  let sizeBytes = 0
  const changed = ({ patientId }: Create): void => void revisions.set(patientId, (revisions.get(patientId) ?? 0) + 1)
  const tell = ({ waiters }: Kept, isDelivered: boolean): void => {
    for (const waiter of waiters) waiter(isDelivered)
    waiters.clear()
  }

  return {
    add(create) {
      const { recordId, patientId, record } = create
      if (all.size >= COUNT_MAX || sizeBytes + record.bytes.length > BYTES_MAX) return false
      const kept: Kept = { create, state: 'taking', known: null, waiters: new Set() }
      all.set(recordId, kept)
      byPatient.set(patientId, (byPatient.get(patientId) ?? new Map<string, Kept>()).set(recordId, kept))
      sizeBytes += record.bytes.length
      return true
    },
    taken(recordId) {
      const kept = all.get(recordId)
      if (kept?.state !== 'taking') return
      kept.state = 'waiting'
      changed(kept.create)
    },
    delivered(recordId) {
      const kept = all.get(recordId)
      if (kept === undefined) return
      kept.state = 'delivered'
      kept.known = null
      changed(kept.create)
      tell(kept, true)
    },
    drop(recordId) {
      const kept = all.get(recordId)
      if (kept === undefined) return
      const { create } = kept
      all.delete(recordId)
      const mine = byPatient.get(create.patientId)
      mine?.delete(recordId)
      if (mine?.size === 0) byPatient.delete(create.patientId)
      sizeBytes -= create.record.bytes.length
      changed(create)
      tell(kept, false)
    },
    find: (recordId) => all.get(recordId)?.create ?? null,
    of: (patientId) =>
      [...(byPatient.get(patientId)?.values() ?? [])].flatMap((kept) => {
        const { create, state } = kept
        if (state === 'taking' || create.isForInbox) return []
        return [[create, (kept.known ??= knownOf(create, principal, state === 'delivered'))] as const]
      }),
    revisionOf: (patientId) => revisions.get(patientId) ?? 0,
    arrived: () => [...all.values()].flatMap(({ state, create }) => (state === 'delivered' ? [create] : [])),
    whenDelivered(recordId, waitMs) {
      const kept = all.get(recordId)
      if (kept === undefined || kept.state === 'delivered') return Promise.resolve(true)
      return new Promise((resolve) => {
        const waiter = (isDelivered: boolean): void => {
          clearTimeout(timer)
          kept.waiters.delete(waiter)
          resolve(isDelivered)
        }
        const timer = setTimeout(() => waiter(false), waitMs)
        kept.waiters.add(waiter)
      })
    },
    get count() {
      return all.size
    },
  }
}

function knownOf(create: Create, principal: string, isDelivered: boolean): KnownRecord {
  const content = resourceIn(create.record.bytes)
  return { summary: summaryOf(create, principal), content, ...(isDelivered ? {} : { isOnItsWay: true }) }
}

/** What a list will say of it. */
export function summaryOf({ recordId, grantId, receivedMs, record }: Create, principal: string): RecordSummary {
  const { title, fileName, mediaType, category, clinicalDate, bytes } = record
  return {
    vault: { of: 'grant', grantId },
    recordId,
    version: 1,
    category,
    title,
    fileName,
    mediaType,
    clinicalDate,
    author: null,
    subject: null,
    sizeBytes: bytes.length,
    addedNs: BigInt(receivedMs) * 1_000_000n,
    depositedBy: principal,
  }
}
